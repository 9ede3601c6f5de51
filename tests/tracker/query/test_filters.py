"""Filters find the runs that they say, in the database."""

from __future__ import annotations

import fnmatch
import json
import math

import pytest
from runjson_tracker.query.compile import where_clause
from runjson_tracker.query.scope import Scope
from runjson_tracker.query.tokens import time_of
from runjson_tracker.tables import runs
from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql

BIG = 2**53
ODD = [
    "100%",
    "a_b",
    "aXb",
    'quo"te',
    "quo'te",
    "back\\slash",
    "x; DROP TABLE runs; --",
    "é😀",
    "[a]*?",
    "Case",
    "case",
]
INF = {"$float": "Infinity"}


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def test_numbers_compare_with_numbers_and_texts_with_texts(add, ask):
    for run, value in {"i": 1, "f": 0.5, "t": "1", "b": True, "n": None, "nan": {"$float": "NaN"}, "inf": INF}.items():
        add(run, {"x": value})
    add("none", {"y": 1})
    assert ask("parameters.x == 1") == ["i"]
    assert ask("parameters.x == '1'") == ["t"]
    assert ask("parameters.x < 2") == ["f", "i"]
    assert ask("parameters.x >= 1") == ["i", "inf"]
    assert ask("parameters.x > '0'") == ["t"]
    assert ask("parameters.x") == ask("parameters.x == true") == ["b"]
    assert ask("parameters.x == null") == ["n"]
    assert ask("parameters.x == NaN") == ["nan"]
    assert ask("parameters.x < NaN or parameters.x >= NaN") == []
    assert ask("parameters.x == Infinity") == ["inf"]
    assert ask("parameters.x in [1, '1', null, true, NaN]") == ["b", "i", "n", "nan", "t"]


def test_a_test_on_a_missing_field_is_false_and_not_turns_it_round(add, ask):
    add("a", {"x": 1})
    add("b", {"x": 2, "y": 1})
    add("c", {"y": {"$float": "NaN"}})
    assert ask("parameters.x != 1") == ask("parameters.x not in [1]") == ["b"]
    assert ask("not parameters.x == 1") == ["b", "c"]
    assert ask("not parameters.x != 1") == ["a", "c"]
    assert ask("parameters.y != 1") == ["c"]
    assert ask("parameters.x in []") == []
    assert ask("parameters.x not in []") == ["a", "b"]
    assert ask("parameters.x exists") == ["a", "b"]
    assert ask("parameters.x missing and not parameters.x exists") == ["c"]
    assert ask("name missing") == ask("not name == 'x'") == ["a", "b", "c"]
    assert ask("name != 'x'") == []


def test_integers_beyond_two_to_the_53_are_told_apart(add, ask):
    huge = 10**400
    for run, value in {"a": BIG, "b": BIG + 1, "c": BIG + 2, "huge": huge, "float": 1e22, "inf": INF}.items():
        add(run, {"x": {"$int": str(value)} if isinstance(value, int) else value})
    assert ask(f"parameters.x == {BIG + 1}") == ["b"]
    assert ask(f"parameters.x == {BIG}") == ask("parameters.x == 9007199254740992.0") == ["a"]
    assert ask(f"parameters.x in [{BIG}, {BIG + 2}]") == ["a", "c"]
    assert ask(f"parameters.x != {BIG + 1}") == ["a", "c", "float", "huge", "inf"]
    assert ask(f"parameters.x == {huge}") == ["huge"]
    assert ask(f"parameters.x == {10**22}") == ask("parameters.x == 1e22") == ["float"]
    assert ask("parameters.x == Infinity") == ["inf"]


def test_signs_that_databases_read_are_texts_like_others(add, ask):
    for index, text in enumerate(ODD):
        add(f"r{index:02}", {"x": text, text: index}, record={"tags": [text], "name": text}, **{text: [float(index)]})
    for index, text in enumerate(ODD):
        expected = [f"r{index:02}"]
        assert ask(f"parameters.x == {quoted(text)}") == expected
        assert ask(f"name == {quoted(text)}") == expected
        assert ask(f"tags contains {quoted(text)}") == ask(f"{quoted(text)} in tags") == expected
        assert ask(f"parameters.`{text}` == {index}") == expected
        assert ask(f"series.`{text}`.last == {index}") == expected
        assert ask(f"parameters.x contains {quoted(text)}") == expected
        assert ask(f"parameters.x == {quoted(text)} or name == 'no one'", project="p") == expected
        assert ask("points exists", project=text) == []
    assert ask("parameters.x contains '%'") == ["r00"]
    assert ask("parameters.x contains '_'") == ["r01"]
    assert ask("parameters.x contains 'ase'") == ["r09", "r10"]
    assert ask("parameters.x contains 'Case'") == ["r09"]
    assert ask("parameters.x contains ''") == [f"r{index:02}" for index in range(len(ODD))]


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("a*", ["a", "abc", "a]", "a^", "a\nb", "a-b"]),
        ("a?", ["a]", "a^"]),
        ("A*", ["ABC"]),
        ("*b*", ["abc", "a\nb", "a-b"]),
        ("a[]^]", ["a]", "a^"]),
        ("a[!]]", ["a^"]),
        ("a[!^]", ["a]"]),
        ("a[^]", ["a^"]),
        ("a[Z-a]", ["a]", "a^"]),
        ("[a-c]*[b-c]", ["abc", "a\nb", "a-b"]),
        ("a[-+]b", ["a-b"]),
        ("a[+--]b", ["a-b"]),
        ("*[*]*", ["x*y"]),
        ("[[]z[]]", ["[z]"]),
        ("[", []),
        ("[z", []),
        ("%", []),
        ("", [""]),
        ("É", []),
        ("é", ["é"]),
    ],
)
def test_a_pattern_finds_whole_texts(add, ask, pattern, texts):
    given = ["a", "abc", "ABC", "a]", "a^", "a\nb", "a-b", "x*y", "[z]", "é", ""]
    for index, text in enumerate(given):
        add(f"r{index}", {"x": text})
    expected = sorted(f"r{given.index(text)}" for text in texts)
    assert ask(f"parameters.x matches {quoted(pattern)}") == expected
    # Python's own patterns are these, but for lines.
    assert expected == sorted(f"r{at}" for at, text in enumerate(given) if fnmatch.fnmatchcase(text, pattern))


def test_a_tree_exists_if_a_leaf_below_it_does(add, ask):
    add("a", {"model": {"layers": 3}})
    add("b", {"model": 3})
    add("c", {"model0": 3, "model-x": 3, "mode": 3})
    add("d", {"x": {"model": 3}, "model": {}})
    assert ask("parameters.model exists") == ["a", "b"]
    assert ask("parameters.model missing") == ["c", "d"]
    assert ask("parameters.model.layers exists") == ["a"]


def test_properties_source_and_environment_have_fields_too(add, ask):
    add(
        "a",
        record={"properties": {"test/accuracy": 0.9}, "source": {"commit": "abc"}, "environment": {"python": "3.13"}},
    )
    add("b", record={"properties": {"test/accuracy": None}, "source": {"git": {"dirty": True}}})
    assert ask("properties.test/accuracy > 0.5") == ["a"]
    assert ask("properties.test/accuracy missing") == ["b"]
    assert ask("source.commit matches 'a*' and environment.python == '3.13'") == ["a"]
    assert ask("source.git.dirty") == ["b"]


def test_series_have_a_last_a_least_a_greatest_a_mean_and_a_count(add, ask):
    add("a", loss=[3.0, 1.0, 2.0])
    add("b", loss=[math.nan, math.inf, math.nan])
    add("c", acc=[1.0])
    add("d", loss=[-math.inf])
    assert ask("series.loss.last == 2 and series.loss.min == 1 and series.loss.max == 3") == ["a"]
    assert ask("series.loss.mean == 2 and series.loss.count == 3") == ["a"]
    assert ask("series.loss.last == NaN") == ["b"]
    assert ask("series.loss.last == -Infinity") == ask("series.loss.last < -1e308") == ["d"]
    assert ask("series.loss.last != 2") == ["b", "d"]
    assert ask("series.loss.min != 7") == ask("series.loss.min exists") == ["a"]
    assert ask("series.loss exists") == ask("series.loss.last exists") == ["a", "b", "d"]
    assert ask("series.loss missing") == ["c"]


def test_what_stands_in_runs_themselves(add, ask):
    said = {"name": "First", "group": "g", "status": "succeeded", "tags": ["best", "x"]}
    times = {"started_at": "2026-11-01T00:00:00Z", "ended_at": "2026-11-01T01:00:00Z"}
    add("a", record=said | times, loss=[1.0, 2.0])
    add("b", record={"status": "running", "started_at": "2026-11-02T00:00:00Z", "tags": ["worst"]})
    add("c", project="other", record={"status": "failed"})
    assert ask("id == 'a'") == ask("name == 'First'") == ask("group == 'g'") == ask("points == 2") == ["a"]
    assert ask("project == 'other'") == ask("project matches 'o*'") == ask("project != 'p'") == ["c"]
    assert ask("project in ['p']") == ask("started exists") == ask("tags exists") == ["a", "b"]
    assert ask("started == '2026-11-01'") == ask("started < '2026-11-01T12:00+01:00'") == ["a"]
    assert ask("ended missing") == ["b", "c"]
    assert ask("tags matches '*st'") == ["a", "b"]
    assert ask("tags matches 'be??'") == ask("'best' in tags") == ["a"]
    assert ask("'no such tag' in tags") == []
    assert ask("duration == 1h") == ["a"]
    now = time_of("2026-11-02T00:05Z")
    assert ask("started > ago(5m)", now=now) == []
    assert ask("started >= ago(5m)", now=now) == ["b"]
    assert ask("points < 0.5") == ["b", "c"]


def test_a_silent_run_counts_as_crashed(add, ask):
    begun = {"status": "running", "started_at": "2026-11-01T00:00:00Z"}
    start = time_of("2026-11-01")
    add("silent", record=begun, columns={"heard": start + 100})
    add("alive", record=begun, columns={"heard": start + 900})
    add("ended", record={**begun, "status": "failed"}, columns={"heard": start})
    now = start + 1000
    assert ask("status == 'crashed'", now=now) == ["silent"]
    assert ask("status == 'running'", now=now) == ["alive"]
    assert ask("status != 'crashed'", now=now) == ["alive", "ended"]
    assert ask("status in ['running', 'crashed']", now=now) == ["alive", "silent"]
    assert ask("status not in ['running', 'crashed']", now=now) == ["ended"]
    assert ask("status == 'crashed'", now=now, silence=900.5) == []
    assert ask("duration == 100s", now=now) == ["silent"]
    assert ask("duration == 1000s", now=now) == ["alive"]
    assert ask("duration missing", now=now) == ["ended"]


def test_times_in_parameters_compare_as_moments(add, ask):
    add("a", {"t": {"$datetime": "2026-11-01T00:00:00Z"}})
    add("b", {"t": {"$datetime": "2026-11-01T01:00:00+01:00"}})
    add("c", {"t": {"$datetime": "2026-12-01T00:00:00Z"}})
    add("d", {"t": "2026-11-01"})
    assert ask("parameters.t == '2026-11-01T00:00Z'") == ["a", "b"]
    assert ask("parameters.t == '2026-11-01'") == ["a", "b", "d"]
    assert ask("parameters.t > '2026-11-15'") == ["c"]
    assert ask("parameters.t > ago(1d)", now=time_of("2026-12-01")) == ["c"]


def test_runs_in_the_trash_are_found_there_alone(add, ask):
    add("a", {"x": 1})
    add("b", {"x": 1}, columns={"trashed": 5.0})
    assert ask("parameters.x == 1") == ["a"]
    assert ask("parameters.x == 1", trash=True) == ["b"]


def test_what_no_run_has_is_refused_with_what_was_meant(add, refused, ask):
    assert ask("parameters.lr < 1") == []
    add("a", {"lr": 0.1, "optimizer": {"name": "adam"}, "seed": {"deep": 1}}, record={"tags": ["best"]}, loss=[1.0])
    add("gone", {"old": 1}, columns={"trashed": 1.0})
    add("other", {"elsewhere": 1}, project="other")
    scope = {"project": "p"}
    assert refused("parameters.lrr < 1", **scope).hint == "Did you mean parameters.lr?"
    assert refused("parameters.optimiser.name == 'a'", **scope).hint == "Did you mean parameters.optimizer.name?"
    assert refused("properties.lr < 1", **scope).hint == "lr is a parameter: parameters.lr."
    assert refused("lr < 1", **scope).hint == "lr is a parameter: parameters.lr."
    assert refused("loss < 1", **scope).hint == "loss is a series: series.loss.last."
    assert refused("best", **scope).hint == 'best is a tag: tags contains "best".'
    assert refused("nothing.like.it", **scope).hint == ""
    assert refused("series.lozs.last < 1", **scope).hint == "Did you mean series.loss.last?"
    error = refused("points > 0 and parameters.old == 1", **scope)
    assert error.pointed().split("\n")[1] == " " * 15 + "^" * 14
    assert "parameters.elsewhere" in refused("parameters.elsewhere == 1", **scope).message
    assert ask("parameters.elsewhere == 1") == ["other"]
    assert ask("parameters.old exists or parameters.lrr exists", **scope) == []
    assert ask("parameters.lr < 1", project="empty") == []
    assert refused(sort=["-parameters.lrr"], **scope).hint == "Did you mean parameters.lr?"


def test_a_test_of_the_wrong_type_is_refused(add, refused, ask):
    add("a", {"lr": 0.1, "name": "x", "mixed": 1, "flag": True, "list": [1], "null": None})
    add("b", {"mixed": "auto"})
    assert str(refused("parameters.lr == '0.1'")) == (
        "parameters.lr holds numbers, and no text. A number stands without quotes."
    )
    assert "holds texts, and no number" in refused("parameters.name < 3").message
    assert "holds numbers, and no text" in refused("parameters.lr in [0.1, 'auto']").message
    assert "holds numbers, and no true or false" in refused("parameters.lr").message
    assert "holds true and false" in refused("parameters.flag matches 't*'").message
    assert "holds arrays" in refused("parameters.list == '[1]'").message
    assert ask("parameters.mixed == 1 or parameters.mixed == 'auto'") == ["a", "b"]
    assert ask("parameters.null == 1 or parameters.lr == null") == []


def test_a_filter_of_many_tests_is_answered(add, ask):
    add("a", {"x": 1})
    assert ask(" or ".join(["parameters.x == 1"] * 200)) == ["a"]
    assert ask(" and ".join(["parameters.x == 1", "points >= 0"] * 100)) == ["a"]
    assert ask(" and ".join([*["parameters.x == 1"] * 199, "parameters.x > 1"])) == []
    assert ask("not (" * 24 + "parameters.x == 1" + ")" * 24) == ["a"]
    assert ask(f"parameters.x in [{', '.join(map(str, range(5000)))}]") == ["a"]


def test_tests_of_one_filter_may_be_of_several_fields_tags_and_the_run_itself(add, ask):
    for run, x in {"a": 1, "b": 2, "c": 3}.items():
        add(run, {"x": x, "y": -x}, record={"tags": ["odd"] * (x % 2)}, loss=[float(x)])
    both = "parameters.x > 1 and parameters.y < -1"
    assert ask(both) == ["b", "c"]
    assert ask(f"{both} and tags contains 'odd' and series.loss.last exists and points > 0") == ["c"]
    assert ask(f"{both} and not tags contains 'odd'") == ["b"]
    assert ask(f"not ({both})") == ["a"]
    assert ask(f"({both} or parameters.x == 1) and parameters.y exists and parameters.x missing") == []


def test_a_field_is_looked_up_once_however_often_it_is_named(add, ask, store):
    add("a", {"x": 1})
    said = []
    event.listen(store._engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert ask("parameters.x > 0 and parameters.x < 2 and parameters.x in [1, 2]") == ["a"]
    assert len([one for one in said if "FROM fields" in one]) == 1


def test_a_real_run_file_is_found(tmp_path, store, ask):
    from runjson_uploader.upload import upload

    path = tmp_path / "run.jsonl"
    path.write_text(
        '{"runjson": "1.0", "id": "made", "parameters": {"model": {"layers": [3], "kind": "mlp"}}}\n'
        '{"series": {"train/loss": {"values": [0.5, "NaN"], "goal": "minimize"}}}\n'
        '{"status": "succeeded", "tags": ["by hand"]}\n'
    )
    with path.open("rb") as source:
        upload(source, path.name, tmp_path, store)
    query = (
        "parameters.model.kind == 'mlp' and series.train/loss.last == NaN and series.train/loss.min == 0.5 "
        "and 'by hand' in tags and status == 'succeeded' and parameters.model.layers exists"
    )
    assert ask(query) == ["made"]


def test_filters_are_said_in_the_words_of_postgresql_too(add, store):
    add("a", {"x": "text", "n": 1}, loss=[1.0])
    query = "parameters.x matches 'a[!b-c]*' and parameters.x contains '%' and parameters.n in [1, 2] and points > 2.5"
    with store._engine.connect() as connection:
        statement = select(runs.c.id).where(where_clause(Scope(connection, "p"), query))
    compiled = statement.compile(dialect=postgresql.dialect())
    said = str(compiled)
    assert " ~ " in said
    assert "strpos(" in said
    assert not any(word in said for word in ("GLOB", "instr", "'a[", "'%"))
    assert "^(?:a[^b-c].*)$" in compiled.params.values()
