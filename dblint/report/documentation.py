"""A rule's documentation as text and as Markdown, for `dblint explain` and for code scanning."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import FileRole
from dblint.prose import fill
from dblint.rule import Bad, Rule

_FENCES = {"prisma": "prisma", "sql": "sql", "python": "python", "typescript": "typescript", "javascript": "javascript"}


def as_text(name: str, rule: Rule) -> str:
    """The documentation for a terminal."""
    return "\n".join(_lines(name, rule, markdown=False)) + "\n"


def as_markdown(name: str, rule: Rule) -> str:
    """The documentation as Markdown."""
    return "\n".join(_lines(name, rule, markdown=True)) + "\n"


def help_text(rule: Rule) -> str:
    """Why, and the ladder of remedies, without examples."""
    parts = [rule.why, *(f"{step.capitalize()}: {text}" for step, text in _ladder(rule))]
    return "\n\n".join(parts)


def _ladder(rule: Rule) -> list[tuple[str, str]]:
    return [(step, fill(getattr(rule, step), {})) for step in ("minimal", "better", "complete")]


def _lines(name: str, rule: Rule, *, markdown: bool) -> Iterator[str]:
    def heading(text: str) -> str:
        return f"## {text}" if markdown else text

    yield f"# {name}" if markdown else name
    yield ""
    yield rule.summary
    yield ""
    yield ", ".join(_facts(rule))
    yield ""
    yield heading("Why")
    yield ""
    yield rule.why
    if rule.symptoms:
        yield ""
        yield heading("What one sees")
        yield ""
        yield from (f"- {symptom}" for symptom in rule.symptoms)
    yield ""
    yield heading("Repair")
    yield ""
    for step, text in _ladder(rule):
        yield f"- **{step}**: {text}" if markdown else f"- {step}: {text}"
    if rule.verify:
        yield ""
        yield heading("To verify on a server")
        yield ""
        yield from _code("sql", rule.verify, markdown=markdown)
    for title, examples in (("Reported", rule.bad), ("Silent", rule.good)):
        for example in examples:
            yield ""
            yield heading(title + (f": {example.title}" if example.title else ""))
            yield ""
            yield from _example(example, markdown=markdown)


def _facts(rule: Rule) -> Iterator[str]:
    yield f"severity {rule.severity}"
    yield f"confidence {rule.confidence}"
    yield "on by default" if rule.default else "off by default"
    yield f"in {_roles(rule)}"
    if rule.checklist:
        yield f"checklist {' '.join(rule.checklist)}"
    if rule.databases:
        yield f"for {' '.join(rule.databases)}"
    yield from (f"CWE-{number}" for number in rule.cwe)


def _roles(rule: Rule) -> str:
    """The files in which the rule speaks, by what they are for."""
    roles = [role.value for role in FileRole if role in rule.roles]
    return "all files" if len(roles) == len(FileRole) else f"{' '.join(roles)} files"


def _example(example: Bad, *, markdown: bool) -> Iterator[str]:
    if example.path:
        yield f"{example.path}:"
        yield ""
    yield from _code(example.language, example.code, markdown=markdown)
    for path, text in example.files.items():
        yield ""
        yield f"{path}:"
        yield ""
        yield from _code("", text, markdown=markdown)


def _code(language: str, code: str, *, markdown: bool) -> Iterator[str]:
    lines = code.strip("\n").splitlines()
    if not markdown:
        yield from (f"    {line}".rstrip() for line in lines)
        return
    fence = "```"
    while any(fence in line for line in lines):
        fence += "`"
    yield fence + _FENCES.get(language, "")
    yield from lines
    yield fence
