"""Names: what is declared twice, what may not be called so, and what each field's type means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from dblint.facts.blocks import Block, BlockKind, Field, FieldType, Member, PrismaFile
from dblint.link.prisma.connectors import SCALARS
from dblint.link.prisma.declarations import Composite, Declarations, Enum, Model, RelationField, Report, ScalarField

_RESERVED_WORDS = """
PrismaClient break case catch class const continue debugger default delete do else enum export extends false
finally for function if implements import in instanceof interface let new null package private protected
public return super switch this throw true try typeof var void while with yield
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_LONGEST_GUESS = 60  # characters; comparing longer names would cost more than a hint is worth
_MOST_GUESSES = 30  # in one schema, for the same reason
_TABLES = (BlockKind.MODEL, BlockKind.VIEW)


def declare(files: Sequence[PrismaFile], report: Report) -> Declarations:
    """Declare every block of a schema, reporting names that clash. Of two with one name the first counts."""
    declared = Declarations()
    seen: dict[tuple[str, str], BlockKind] = {}
    for file in files:
        for block in file.blocks:
            _names_within(block, file.path, report)
            if block.name in SCALARS:
                message = f"`{block.name}` is a built-in type and cannot name a {block.kind}"
                report.add(file.path, block.name_start, block.name_stop, message)
            own = block.kind in (BlockKind.DATASOURCE, BlockKind.GENERATOR)
            key = (block.kind if own else "", block.name)
            if key in seen:
                earlier = f"there is a {seen[key]} of that name"
                message = f"the {block.kind} `{block.name}` is declared again; {earlier}"
                report.add(file.path, block.name_start, block.name_stop, message)
                continue
            seen[key] = block.kind
            if block.kind in _TABLES:
                declared.models.append(Model(block, file.path))
            elif block.kind is BlockKind.TYPE:
                declared.composites.append(Composite(block, file.path))
            elif block.kind is BlockKind.ENUM:
                declared.enums.append(Enum(block, file.path))
    return declared


def _names_within(block: Block, path: str, report: Report) -> None:
    def twice(named: Iterable[tuple[str, int, int]], what: str) -> None:
        seen: set[str] = set()
        for name, start, stop in named:
            if name in seen:
                report.add(
                    path, start, stop, f"the {what} `{name}` is declared twice in the {block.kind} `{block.name}`"
                )
            seen.add(name)

    def proper(name: str, start: int, stop: int, what: str) -> None:
        if name[:1].isdigit():
            report.add(path, start, stop, f"the name of a {what} must not begin with a digit")
        elif "-" in name:
            report.add(path, start, stop, f"the name of a {what} must not contain a hyphen")

    if block.kind in (BlockKind.DATASOURCE, BlockKind.GENERATOR):
        twice(((one.name, one.name_start, one.name_stop) for one in block.properties), "property")
        return
    proper(block.name, block.name_start, block.name_stop, block.kind)
    if block.name in _RESERVED and block.kind is not BlockKind.TYPE:
        message = f"`{block.name}` is a reserved word and cannot name a {block.kind}"
        report.add(path, block.name_start, block.name_stop, message)
    twice(((one.name, one.name_start, one.name_stop) for one in block.fields), "field")
    twice(((one.name, one.name_start, one.name_stop) for one in block.members), "value")
    if block.kind is not BlockKind.TYPE:
        parts: tuple[Field | Member, ...] = (*block.fields, *block.members)
        for one in parts:
            proper(one.name, one.name_start, one.name_stop, "value" if block.kind is BlockKind.ENUM else "field")


def resolve(declared: Declarations, report: Report) -> None:
    """Resolve the type of every field, reporting those that mean nothing."""
    models = {model.name: model for model in declared.models}
    composites = {composite.name: composite for composite in declared.composites}
    enums = {enum.name: enum for enum in declared.enums}
    unknown = _Unknown((*SCALARS, *models, *composites, *enums), report)

    def scalar(owner: Model | Composite, node: Field) -> ScalarField | None:
        name = node.type.name
        if node.type.unsupported:
            return ScalarField(owner, node, "unsupported", column=node.name)
        if name in SCALARS:
            return ScalarField(owner, node, "scalar", column=node.name)
        if name in enums:
            return ScalarField(owner, node, "enum", enum=enums[name], column=node.name)
        if name in composites:
            return ScalarField(owner, node, "composite", composite=composites[name], column=node.name)
        return None

    for model in declared.models:
        names: set[str] = set()
        for node in model.block.fields:
            if node.name in names:
                continue
            names.add(node.name)
            column = scalar(model, node)
            if column is not None:
                model.scalars[node.name] = column
            elif node.type.name in models:
                model.relations.append(RelationField(model, node, models[node.type.name]))
            else:
                unknown.add(model.path, node.type)
    for composite in declared.composites:
        for node in composite.block.fields:
            part = scalar(composite, node)
            if part is not None:
                composite.scalars.setdefault(node.name, part)
            elif node.type.name in models:
                message = f"`{node.type.name}` is a model; a type cannot have relations"
                report.add(composite.path, node.type.start, node.type.stop, message)
            else:
                unknown.add(composite.path, node.type)


class _Unknown:
    """Reports types that mean nothing, with a guess at what was meant."""

    def __init__(self, known: Sequence[str], report: Report) -> None:
        self.known = known
        self.by_letters = {name.lower(): name for name in reversed(known)}
        self.report = report
        self.guesses = 0

    def add(self, path: str, written: FieldType) -> None:
        near = self.by_letters.get(written.name.lower(), "")
        if not near and len(written.name) <= _LONGEST_GUESS and self.guesses < _MOST_GUESSES:
            self.guesses += 1
            near = next(iter(difflib.get_close_matches(written.name, self.known, n=1, cutoff=0.75)), "")
        hint = f"; did you mean `{near}`?" if near else ""
        message = f"the type `{written.name}` is neither built in nor declared{hint}"
        self.report.add(path, written.start, written.stop, message)
