"""Filters are read into trees, and what is no filter is explained with a place and a next step."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.fields import Field, field_texts, path_of
from runjson_tracker.query.glob import regular_expression
from runjson_tracker.query.language import parse, parse_field
from runjson_tracker.query.syntax import And, Condition, Not, Or
from runjson_tracker.query.tokens import duration_of, time_of

WORDS = st.sampled_from(
    [
        *(
            "and",
            "or",
            "not",
            "in",
            "exists",
            "missing",
            "contains",
            "matches",
            "ago",
            "ago(7d)",
            "true",
            "null",
            "NaN",
        ),
        *("==", "=", "!=", "<", "<=", "(", ")", "[", "]", ",", "1", "-2.5e3", "5m", '"a"', "'b'", "`", '"', "\\", "."),
        *("status", "tags", "duration", "started", "parameters.lr", "parameters.`a``b`.c", "series.x.last", "series.x"),
        *("&", "|", "*", "é", "😀", "\0", "\ud800", "\n"),
    ]
)


def shown(node):
    """A tree as a short text, brackets around everything."""
    match node:
        case And(nodes):
            return "(" + " & ".join(map(shown, nodes)) + ")"
        case Or(nodes):
            return "(" + " | ".join(map(shown, nodes)) + ")"
        case Not(inner):
            return "!" + shown(inner)
        case Condition(field, operation, literals):
            return " ".join([field.text, operation, *(repr(one.value) for one in literals)])


def fault(query, reader=parse):
    with pytest.raises(QueryError) as caught:
        reader(query)
    return caught.value


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("points > 1 or points < 2 and not points = 3", "(points > 1 | (points < 2 & !points == 3))"),
        ("(points > 1 OR points < 2) And NOT NOT points = 3", "((points > 1 | points < 2) & !!points == 3)"),
        ("parameters.amp", "parameters.amp == True"),
        ("not parameters.amp and parameters.b", "(!parameters.amp == True & parameters.b == True)"),
        ('"best" in tags', "tags contains 'best'"),
        ('tags contains "best"', "tags contains 'best'"),
        ("parameters.x in [1, 'a', null,]", "parameters.x in 1 'a' None"),
        ("parameters.x not in (1.5e-3)", "parameters.x not in 0.0015"),
        ("parameters.x in []", "parameters.x in"),
        ("series.train/loss.last<-Infinity", "series.train/loss.last < -inf"),
        ("series.`MAP@k`.last == NaN", "series.MAP@k.last == nan"),
        ("parameters.`a.b`.c exists", "parameters.`a.b`.c exists"),
        ("parameters.`a``b` missing", "parameters.`a``b` missing"),
        ("parameters.`and`.`` exists", "parameters.and.`` exists"),
        ("series.train/loss exists", "series.train/loss exists"),
        ("duration > 1h30m", "duration > 5400.0"),
        ('started >= "1970-01-02"', "started >= 86400.0"),
        ('started < "1970-01-01T01:00+01:00"', "started < 0.0"),
        ("created > ago(1d)", "created > 86400.0"),
        (r'''name == "a\"b\\\u0041\n"''', "name == 'a\"b\\\\A\\n'"),
        (r'name == "\ud83d\ude00"', "name == '😀'"),
        ("parameters.x == 9007199254740993", "parameters.x == 9007199254740993"),
        ("points\n>\t1", "points > 1"),
    ],
)  # fmt: skip
def test_a_filter_is_read_as_this_tree(query, tree):
    assert shown(parse(query)) == tree


@pytest.mark.parametrize(
    ("query", "place", "message", "hint"),
    [
        ("", "", "The filter is empty.", ""),
        ("statsu == 'failed'", "statsu", "no field statsu", "Did you mean status?"),
        ("status == failed", "failed", "failed is no value", '"failed"'),
        ("status == 'faild'", "'faild'", "one of running, succeeded, failed, aborted, crashed", "Did you mean failed?"),
        ("duration > 90", "90", "duration wants a duration such as 90s", ""),
        ("points > '3'", "'3'", "points wants a number", ""),
        ("started > 'soon'", "'soon'", "started wants a time", ""),
        ("started > agoo(7d)", "agoo", "no function agoo", "Did you mean ago?"),
        ("started > ago(7)", "7", "a duration such as 7d", ""),
        ("name == null", "null", "never null", "name missing"),
        ("series.loss < 1", "series.loss", "whole series", ".last"),
        ("series.loss.lst < 1", "series.loss.lst", "no lst", "Did you mean last?"),
        ("series.a.b.last < 1", "series.a.b.last", "one name", "series.`a.b`.last"),
        ("parameters < 1", "parameters", "tree", "parameters.NAME"),
        ("status.x == 'failed'", "status.x", "no parts", ""),
        ("tags == 'a'", "tags == 'a'", "not tested with `==`", "contains"),
        ("'a' in name", "name", "Only tags", "name contains 'a'"),
        ("name == 'a", "'a", "no end", "Close it"),
        ("parameters.`a == 1", "`a == 1", "no end", "Close it"),
        ("points > 1 && points < 3", "&", "Nothing begins with '&'", "`and`"),
        ("points > 1 points < 3", "points", "`and` or `or` is expected", ""),
        ("points > 1)", ")", "closes none", ""),
        ("(points > 1", "", "and the filter ends", "bracket at 1"),
        ("points", "", "A test of points is expected here, and the filter ends.", "=="),
        ("points >", "", "A value is expected", ""),
        ("points like 3", "like", "A test of points", "Write matches."),
        ("parameters.x not contains 'a'", "not", "in front of the field", ""),
        ("parameters.x < true", "true", "no order", ""),
        ("parameters.x contains 3", "3", "wants a text", ""),
        ("parameters.x > 1e999", "1e999", "No double", "Infinity"),
        ("parameters.x > 5m", "5m", "wants a number", ""),
        (r"name == '\q'", r"\q", "no escape", "backslash"),
        ("name matches '[z-a]*'", "'[z-a]*'", "range [z-a]", ""),
        ("3 < points", "3", "field stands first", ""),
        ("name == '\ud800'", "\ud800", "surrogate", ""),
        ("not", "", "A field is expected here, and the filter ends.", ""),
        ("parameters.x in 1", "1", "A list", "in [1, 2]"),
    ],
)  # fmt: skip
def test_a_fault_is_shown_where_it_is(query, place, message, hint):
    error = fault(query)
    assert query[error.start : error.end] == place
    assert message in error.message
    assert hint in error.hint


def test_the_carets_stand_below_the_fault_in_its_line():
    error = fault("points > 1\nand statsu == 'failed'\nor points < 2")
    assert error.pointed() == "and statsu == 'failed'\n    ^^^^^^"
    assert fault("points >").pointed() == "points >\n        ^"
    assert fault("points >\t1e999").pointed() == "points > 1e999\n         ^^^^^"


@given(
    st.one_of(
        st.text(max_size=40), st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, max_size=8).map("".join)
    )
)
@example("name == '\\")
@example("(" * 1000)
@example("not " * 1000 + "parameters.x")
@example(" or ".join(["parameters.x"] * 1000))
@example("parameters.x == " + "9" * 5000)
@example("parameters.x > " + "9" * 500 + "d")
def test_any_text_is_a_filter_or_is_explained_within_it(text):
    try:
        parse(text)
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(text)
        line, carets = error.pointed().split("\n")
        assert re.fullmatch(r" *\^+", carets)
        assert len(carets) <= len(line) + 1
        assert line.isprintable()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_a_field_is_written_as_it_is_read(path):
    field = parse_field(Field("parameters", tuple(path)).text)
    assert field.path == tuple(path)
    assert path_of(Field("parameters", tuple(part.replace("\0", "") for part in path)).name) == tuple(
        part.replace("\0", "") for part in path
    )
    series = parse_field(Field("series", (path[0],), "last").text)
    assert (series.path, series.statistic) == ((path[0],), "last")


def test_each_row_of_fields_has_its_texts():
    assert field_texts("parameters", "/model/a.b/c~1d~0") == ["parameters.model.`a.b`.`c/d~`"]
    assert field_texts("series", "MAP@k x")[0] == "series.`MAP@k x`.last"
    assert field_texts("tags", "best") == []
    assert fault("lr", parse_field).unknown == ("lr",)
    assert fault("", parse_field).message == "A field is missing."
    assert fault("points, name", parse_field).start == 6


def test_durations_and_times_are_read():
    assert [duration_of(text) for text in ("90s", "1h30m", "250ms", "1.5d", "2w")] == [90, 5400, 0.25, 129600, 1209600]
    assert [duration_of(text) for text in ("90", "", "s", "1y", "-1s")] == [None] * 5
    assert time_of("2026-11-01") == time_of("2026-11-01T00:00Z") == time_of("2026-11-01T01:00:00.0+01:00")
    assert [time_of(text) for text in ("2026-13-01", "2026-11", "20261101", "now")] == [None] * 4


def test_a_pattern_as_a_regular_expression_finds_the_same_as_the_pattern():
    said = {"a*": "abc a", "?": "b", "[a-c]x": "bx", "[!a-c]x": "dx", "[]]": "]", "[^]": "^", "a.b": "a.b", "[": "["}
    texts = {"abc", "a", "b", "bx", "dx", "]", "^", "a.b", "axb", "[", ""}
    for pattern, expected in said.items():
        found = {text for text in texts if re.fullmatch(regular_expression(pattern), text, re.DOTALL)}
        assert set(expected.split()) <= found, pattern
    assert not re.fullmatch(regular_expression("a.b"), "axb")
