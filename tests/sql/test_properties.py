"""What holds for any text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dblint.facts.text import Hole, Literal, Optional, Origin, Parameter, Piece, Place, Repeat, Text
from dblint.sql.dialects import KNOWN, words
from dblint.sql.placeholders import prepare
from dblint.sql.query import looks_like_sql, only_in, parse, parse_script, render
from dblint.sql.statements import split
from dblint.sql.tokens import COMMENT, NUMBER, OPERATOR, WORD, Scanner

WORDS = sorted(
    words(
        "SELECT FROM WHERE AND OR NOT a b t . , ( ) = * + - 'x' 'it''s' \"q\" `q` [q] 1 2.5 :p %s $1 ? {h} "
        "{{j}} {%if_x%} INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE INDEX ALTER ADD COLUMN DROP "
        "CONSTRAINT PRIMARY KEY UNIQUE CHECK DEFAULT NULL int ON CONFLICT DO NOTHING UNION ALL ORDER BY "
        "GROUP LIMIT JOIN CASE WHEN THEN ELSE END :: -> @> ; --c /*c*/ $$ BEGIN IN EXISTS LIKE WITH AS "
        "RETURNING FOR VIEW TYPE USING RENAME TO MERGE GRANT count(*) ARRAY[ ] E'\\'' PRAGMA DELIMITER GO "
        "\\d # @v %% é \ufeff \ue000 dblint__0__ OVER TOP DISTINCT"
    )
)
BEGINNINGS = (
    "",
    "SELECT ",
    "SELECT a FROM t WHERE ",
    "INSERT INTO t VALUES ",
    "CREATE TABLE t (",
    "ALTER TABLE t ",
    "UPDATE t SET ",
)
SPACES = st.sampled_from((" ", "", "\n", "  -- c\n"))

soup = st.builds(
    lambda beginning, found: beginning + "".join(word + space for word, space in found),
    st.sampled_from(BEGINNINGS),
    st.lists(st.tuples(st.sampled_from(WORDS), SPACES), max_size=15),
)
sources = st.one_of(soup, st.text(max_size=60))
dialects = st.sampled_from(("", *sorted(KNOWN)))
atoms = st.one_of(
    st.builds(lambda found: Literal(found, Place("a.py", 7, 7 + len(found.encode("utf-8", "surrogatepass")))), soup),
    st.just(Parameter("p")),
    st.builds(Hole, st.sampled_from(Origin), st.just("h"), st.none(), st.sampled_from(((), ("asc",), ("a", "b")))),
)
pieces: st.SearchStrategy[Piece] = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(lambda found: Optional(tuple(found)), st.lists(inner, max_size=3)),
        st.builds(lambda found: Repeat(tuple(found), ", "), st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)
texts = st.builds(lambda found, open_: Text(tuple(found), open_), st.lists(pieces, max_size=5), st.booleans())
relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@relaxed
@given(sources, dialects)
def test_split_loses_nothing(source: str, dialect: str) -> None:
    result = split(source, dialect)
    position = 0
    for statement in result.statements:
        assert position <= statement.start < statement.stop <= len(source)
        assert source[statement.start : statement.stop] == statement.text
        position = statement.stop
    outside = "".join(
        source[before:after]
        for before, after in zip(
            (0, *(each.stop for each in result.statements)),
            (*(each.start for each in result.statements), len(source)),
            strict=True,
        )
    )
    if "DELIMITER" in source.upper() or "\\" in source or "/" in source or result.faults:
        return  # a client's own terminators and commands stand outside too
    # Where the dialect is unknown, a statement that begins with # is MySQL's comment.
    comments = not dialect and "#" in outside
    scanner = Scanner(outside, "mysql" if comments or "\\'" in source else dialect)
    token, before = scanner.next(), ""
    while token is not None and not scanner.faults:
        times = token.kind == NUMBER and before == "GO"  # how often the batch is sent
        assert times or token.kind == COMMENT or (token.kind, token.word) in ((OPERATOR, ";"), (WORD, "GO"))
        before = token.word
        token = scanner.next()


@relaxed
@given(sources, dialects)
def test_no_string_makes_it_raise(source: str, dialect: str) -> None:
    parsed = parse(source, dialect)
    assert not parsed.error.startswith("not understood")
    if parsed.query is not None:
        assert render(parsed.query)
    parse_script(source, dialect)
    only_in(source)
    looks_like_sql(source)


@relaxed
@given(texts, st.sampled_from(("", "postgres", "mysql", "sqlite", "tsql", "clickhouse")))
def test_no_assembled_text_makes_it_raise(made: Text, dialect: str) -> None:
    parsed = parse(made, dialect)
    assert not parsed.error.startswith("not understood")
    if parsed.query is not None:
        assert render(parsed.query)
    parse_script(made, dialect)
    looks_like_sql(made)


@relaxed
@given(texts, st.sampled_from(("all", "none", 1, 2)))
def test_tokens_stand_where_they_say(made: Text, variant: str | int) -> None:
    result = prepare(made, variant)
    last = 0
    for token in result.tokens:
        assert last <= token.start < token.stop <= len(result.sql)
        if token.kind == WORD:
            assert result.sql[token.start : token.stop].upper() == token.word
        last = token.stop
    positions = [result.back(position) for position in range(len(result.sql) + 1)]
    assert positions == sorted(positions)


@relaxed
@given(st.lists(st.sampled_from(("a", "é", "𝄞", "%s", "%%", " ", ",", "/* é */", "'ü'")), max_size=12))
def test_places_are_bytes_of_the_source(found: list[str]) -> None:
    source = "SELECT " + " ".join(found) + " FROM target"  # noqa: S608
    start = 11
    made = Text((Literal(source, Place("a.sql", start, start + len(source.encode()))),))
    result = prepare(made)
    position = result.sql.rindex("target")
    place = result.place(position, position + 6)
    assert place is not None
    assert source.encode()[place.start - start : place.stop - start] == b"target"


@relaxed
@given(sources)
def test_comments_and_blank_lines_change_nothing_but_places(source: str) -> None:
    source = source.lstrip("\ufeff")  # a byte order mark is one at the very start only
    plain = parse(source, "postgres")
    spaced = parse(f"-- dblint\n\n{source}\r\n/* end */\r\n", "postgres")
    assert (plain.error == "") == (spaced.error == "") or "\n" in source or "--" in source
    if plain.query is not None and spaced.query is not None:
        assert render(plain.query) == render(spaced.query) or plain.kind != spaced.kind
