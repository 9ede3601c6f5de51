"""Texts that are searched by the server."""

from __future__ import annotations

import json

import numpy as np
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as some
from runjson_schema.points import Points
from runjson_server import texts as route
from runjson_tracker.store import Store
from runjson_tracker.texts import _Search, find_texts, plain_of

from tests.served import served

LINES = [
    "Epoch 1", "\x1b[32mep\x1b[0moch 2", "10 %\r50 %\repoch 3", "epoq\bch 4", "\x1b]0;epoch\x07title", "ΣΑΣ epOCH\tsix",
    'quoted "epoch"', "back\\slash epoch", "", "a\nepoch\nb", "\x9b31mepoch", "\\u001b[31mliteral", "İstanbul", "end",
]  # fmt: skip


@pytest.fixture
def ask(place):
    """Asks for the texts log of the run r; and one long one."""
    with Store.open(place) as store:
        with store.ingest("p", "r", "", None) as ingest:
            ingest.append("text", "log", Points(LINES))
            ingest.append("text", "long", Points([f"line {at} of {'x' * 50}" for at in range(20_000)]))
            ingest.append("series", "loss", Points(np.array([1.0])))
            ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
        with served(place) as address:

            def ask(text, name="log", **more):
                asked = {"project": "p", "id": "r", "name": name, "text": text, **more}
                return requests.get(f"{address}/api/v1/texts/find", asked, timeout=60)

            ask.store = store
            yield ask


def test_texts_are_found_in_any_case_as_they_are_written_or_as_a_terminal_shows_them(ask):
    def found(text, **more):
        told = ask(text, **more).json()
        assert (told["count"], told["next"]) == (len(LINES), None)
        return told["indices"]

    assert found("EPOCH") == [0, 2, 4, 5, 6, 7, 9, 10]
    assert found("EPOCH", shown=True) == [0, 1, 2, 3, 5, 6, 7, 9, 10]
    assert found("50 %") == [2]
    assert found("50 %", shown=True) == []
    assert found('"epoch"') == [6]
    assert found("\\slash") == [7]
    assert found("u001b[31m", shown=True) == [11]
    assert found("σας") == [5]
    assert found("i̇s") == [12]
    assert found("nothing such") == []
    assert found("epoch", start=6) == [6, 7, 9, 10]


def test_a_long_search_comes_in_parts_and_goes_on_where_it_ended(ask, monkeypatch):
    monkeypatch.setattr(route, "_BYTES", 200_000)
    found, start, parts = [], 0, 0
    while start is not None:
        told = ask("LINE 19", "long", start=start).json()
        found += told["indices"]
        start = told["next"]
        parts += 1
    assert found == [at for at in range(20_000) if f"line {at} ".startswith("line 19")]
    assert parts > 3
    first = ask("line", "long", limit=7).json()
    assert (first["indices"], first["next"]) == ([*range(7)], 7)
    rest = ask("of x", "long", start=19_995, limit=7).json()
    assert (rest["indices"], rest["next"]) == ([*range(19_995, 20_000)], None)


def test_texts_of_another_source_are_not_searched_for_those_that_were_told(ask):
    number = ask.store.source("p", "r", "").series["text", "log"].number
    assert ask("epoch", number=number).status_code == 200
    assert ask("epoch", number=number + 100).status_code == 409
    assert ask("epoch", writer="w").status_code == 404
    assert ask("").status_code == 422
    assert ask("x" * 1001).status_code == 422
    assert ask("epoch", "none").json() == {"indices": [], "count": 0, "next": None}
    assert ask("epoch", start=10**15).json()["next"] is None


def test_a_source_that_is_replaced_while_it_is_searched_is_told(ask):
    source = ask.store.source("p", "r", "")
    source.series["text", "log"] = source.series["text", "long"].__class__(
        source.series["text", "log"].number, source.series["text", "long"].summary
    )
    with pytest.raises(Exception, match="replaced"):
        find_texts(ask.store.engine, source, "log", "none", shown=False, start=0, most=9, size=10**9)


LETTERS = some.text(some.sampled_from('abAB "\\[]m31;\x1b\r\b\x07\n\x9b\x7fσΣςİK0u'), max_size=12)  # noqa: RUF001  it has two small letters


@settings(max_examples=400, deadline=None)
@given(some.lists(LETTERS, min_size=1, max_size=6), LETTERS.filter(bool), some.booleans())
def test_what_is_skipped_without_decoding_holds_nothing(texts, wanted, shown):
    text = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    expected = [
        at for at, one in enumerate(texts) if wanted.lower() in (plain_of(one) if shown else one).lower()
    ]  # fmt: skip
    assert _Search(wanted, shown=shown).places(text) == expected


def test_a_line_that_is_rubbed_out_a_million_times_is_no_work(ask):
    text = "a" * 500_000 + "\b" * 500_000 + "done"
    assert plain_of(text) == "done"
