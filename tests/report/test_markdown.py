"""Markdown, read by a parser of CommonMark with GitHub's tables, strikethrough and links."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from dblint.report.formats import Wanted
from dblint.report.markdown import code, fenced, literal, render
from dblint.report.visible import visible
from tests.report.samples import HOSTILE, everything, finding, hostile, report

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(text: str) -> Iterator[Token]:
    """All tokens, those inside lines among them."""
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def words(text: str) -> str:
    """The text that a reader sees of one paragraph."""
    inner = [token for token in tokens(text) if token.type in ("text", "code_inline", "text_special")]
    return "".join(token.content for token in inner)


def test_statistics_are_a_report_without_its_findings() -> None:
    whole = render(everything())
    told = render(everything(), Wanted(statistics=True))
    assert told == whole[: whole.index("\n### error")] + whole[whole.index("\n### Notes") :]
    assert "\n| `query/select-star` | info | 1 |\n" in render(everything(), Wanted(statistics=True, quiet=True))
    complaints: list[str] = []
    assert "left out" not in render(everything(), Wanted(statistics=True), complain=complaints.append)
    assert complaints == []


def test_a_report() -> None:
    assert (
        render(everything())
        == """\
## dblint

3 findings (1 error, 1 warning, 1 info) in 2 files (7 database calls)

3 places could not be analysed: findings may be missing

| rule | severity | findings |
|---|---|---:|
| `query/in-loop` | error | 1 |
| `query/in-loop` | warning | 1 |
| `query/select-star` | info | 1 |

### error `query/in-loop`

**`app/é b.ts:9`** author is loaded once per book

```typescript
for book in books:
    print(book.author)
return books
```

- `app/models.py:12`: calls load
- `app/models.py:20`: queries books

Repair: Load author before the loop.

```
books.select_related("author")
```

### warning `query/in-loop`

**`app/views.py:3`** author is loaded once per book

```python
for book in books:
    print(book.author)
return books
```

Repair: Load author before the loop.

```
books.select_related("author")
```

### info `query/select-star`

**`app/views.py:3`** author is loaded once per book

### Notes

- error `internal-error` linking failed
- `/dev/zero` error `io-error` not a regular file
- `a b.sql:2` error `parse-error` unbalanced
- `app` note the database is not known
"""
    )


def test_quiet_tells_findings_and_errors_only() -> None:
    whole, quiet = render(everything()), render(everything(), Wanted(quiet=True))
    start, stop = whole.index("\n### error"), whole.index("- `app` note")
    assert quiet == "## dblint\n" + whole[start:stop]


def test_what_a_parser_makes_of_it() -> None:
    found = list(tokens(render(everything())))
    headings = [after.content for before, after in pairwise(found) if before.type == "heading_open"]
    rules = ["error `query/in-loop`", "warning `query/in-loop`", "info `query/select-star`"]
    assert headings == ["dblint", *rules, "Notes"]
    assert sum(token.type == "tr_open" for token in found) == 4
    assert [token.info for token in found if token.type == "fence"] == ["typescript", "", "python", ""]


def test_hostile_text_is_text() -> None:
    for text in (HOSTILE, "1. one", "- one", "+ one", "= one", "# one", "> one", "2) one", "~~~", "www.x.y", "```"):
        assert words(literal(text)) == visible(text).strip()
        assert [token.type for token in PARSER.parse(literal(text))] == ["paragraph_open", "inline", "paragraph_close"]


def test_hostile_reports_have_no_markup_of_their_own() -> None:
    text = render(hostile())
    found = list(tokens(text))
    assert text.replace("\n", "").isprintable()
    assert {token.content for token in found if token.type in ("html_inline", "html_block")} == {"<!-- -->"}
    assert not {"link_open", "image", "em_open", "s_open"} & {token.type for token in found}
    assert [token.tag for token in found if token.type == "heading_open"] == ["h2", "h3", "h3"]
    assert sum(token.type == "tr_open" for token in found) == 2
    assert sum(token.type == "strong_open" for token in found) == 1
    # GitHub makes links and mentions of plain text, too: what begins them is broken.
    plain = "".join(line for line in text.splitlines() if "`" not in line)
    assert "://" not in plain
    assert "www." not in plain
    assert "@team" not in plain


def test_spans_of_code() -> None:
    for text in ("a", "`", "``a`", " a", "a ", "a|b", "<b>", "&amp;", "\\", "a`b``c"):
        assert words(code(text)) == text


def test_blocks_of_code() -> None:
    lines = ["```", "~~~", "````sql", "    a", "<!--"]
    [token] = PARSER.parse("\n".join(fenced(lines, "sql")))
    assert (token.type, token.info, token.content.splitlines()) == ("fence", "sql", lines)


def test_a_summary_that_is_too_large() -> None:
    told: list[str] = []
    grades = ("info", "error", "warning")
    findings = [finding(message=f"{number} " + "x" * 9_000, severity=grades[number % 3]) for number in range(300)]
    text = render(report(*findings), complain=told.append)
    assert len(text.encode()) <= 1_048_576
    errors, warnings = text.split("### warning ")
    assert (errors.count("x" * 9_000), warnings.count("x" * 9_000)) == (100, 8)
    assert "### info" not in text
    assert told == ["markdown: 192 findings are left out: a job summary takes no more"]
    assert text.endswith("\n192 findings are left out: a job summary takes no more\n")
