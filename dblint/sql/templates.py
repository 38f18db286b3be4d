"""Template tags: Jinja, dbt, Handlebars and Go templates inside SQL."""

from __future__ import annotations

from dblint.sql.tokens import PLACEHOLDER, TEMPLATE, Token, words

__all__ = ["is_template", "without_blocks"]

_OPENERS = words("if for range with block macro filter call raw unless each ifequal ifnotequal snapshot test")
_CLOSERS = words("endif endfor end endmacro endfilter endcall endraw endset endsnapshot endtest")
_CONDITIONAL = words("if unless with ifequal ifnotequal")
_TAGS = words("if range with block end else unless each define template")


def is_template(token: Token, text: str) -> bool:
    """Whether a token is a template's tag or value."""
    return token.kind == TEMPLATE or (token.kind == PLACEHOLDER and text.startswith("{{", token.start))


def without_blocks(tokens: list[Token], text: str, *, inside: bool) -> tuple[list[Token], bool]:
    """Takes template tags out, and with them the branches that do not stand.

    `inside`: the first branch of each condition stands, else none does. Also gives whether there is a
    condition at all.
    """
    kept: list[Token] = []
    stack: list[bool] = []
    hidden = 0
    conditional = False
    for token in tokens:
        tag = _tag(token, text)
        if not tag:
            if not hidden:
                kept.append(token)
        elif tag in _OPENERS:
            conditional = conditional or tag in _CONDITIONAL
            hides = tag in _CONDITIONAL and not inside
            stack.append(hides)
            hidden += hides
        elif tag in _CLOSERS:
            if stack:
                hidden -= stack.pop()
        elif tag in ("else", "elif", "elsif") and stack and not stack[-1]:
            stack[-1] = True
            hidden += 1
    return kept, conditional


def _tag(token: Token, text: str) -> str:
    """The word of a template tag, "" for everything that is none."""
    if token.kind == TEMPLATE:
        inner = text[token.start + 2 : token.stop - 2].strip("-+~ \t\r\n")
        return inner.split(None, 1)[0].split("(")[0] if inner and text[token.start + 1] == "%" else "comment"
    if not is_template(token, text):
        return ""
    inner = text[token.start + 2 : token.stop - 2].strip("- \t\r\n")
    if inner.startswith("/*"):
        return "comment"
    if inner.startswith("/"):
        return "end"
    inner = inner.lstrip("#^")
    word = inner.split(None, 1)[0] if inner else ""
    return word if word in _TAGS else ""
