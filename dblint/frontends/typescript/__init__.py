"""TypeScript and JavaScript: `extract` lowers one file to its facts.

The rooms: `grammar` (the grammars and one numbering of their kinds), `lowering` (the tree under
construction), `values`, `expressions`, `chains`, `types`, `statements`, `functions`, `declarations`, `modules`
(one handler per kind of node), `faults`.
"""

from __future__ import annotations

from functools import lru_cache

from tree_sitter import Node

from dblint.facts.tree import FileFacts, Tree
from dblint.frontends import interface
from dblint.frontends.typescript import (
    chains,
    codes,
    declarations,
    expressions,
    functions,
    modules,
    statements,
    types,
    values,
)
from dblint.frontends.typescript.blanking import (
    blank,
    end_members,
    find_ends_of_members,
    find_type_arguments,
    may_need_blanking,
)
from dblint.frontends.typescript.faults import gather_faults, gather_remarks, gather_suppressions
from dblint.frontends.typescript.grammar import ERROR_KIND, load_grammar
from dblint.frontends.typescript.lowering import Handler, Lowering, Work, handler_table

__all__ = ["SUFFIXES", "extract"]

SUFFIXES = {
    ".ts": ("typescript", "typescript"),
    ".mts": ("typescript", "typescript"),
    ".cts": ("typescript", "typescript"),
    ".tsx": ("typescript", "tsx"),
    ".js": ("javascript", "tsx"),
    ".mjs": ("javascript", "tsx"),
    ".cjs": ("javascript", "tsx"),
    ".jsx": ("javascript", "tsx"),
}
"""File suffix → language as the facts name it, and the grammar that reads it."""


def extract(source: bytes, path: str) -> FileFacts:
    """Lowers one file. `path` decides by its suffix which grammar reads it. Never raises for what the
    bytes say: `faults` name what could not be read, everything else is lowered."""
    dot = path.rfind(".")
    language, dialect = SUFFIXES.get(path[dot:].lower(), ("typescript", "typescript"))
    reading = load_grammar(dialect)
    root = reading.parser.parse(source).root_node
    blanked: dict[int, int] = {}
    if language == "typescript" and may_need_blanking(source):
        blanked = find_type_arguments(root, source, reading)
        if blanked:
            root = reading.parser.parse(blank(source, blanked)).root_node
    if language == "typescript" and root.has_error:
        ends = find_ends_of_members(root, source)
        if ends:
            root = reading.parser.parse(end_members(blank(source, blanked), ends)).root_node
    faults, excused = gather_faults(root, source, reading.kinds) if root.has_error else ((), frozenset())
    if faults and language == "javascript":
        # The TSX grammar reads what the JavaScript grammar stumbles over (an attribute named `in`), but
        # takes `a?.5:b` for an optional chain, which minifiers write.
        other = load_grammar("javascript")
        other_root = other.parser.parse(source).root_node
        other_faults, other_excused = gather_faults(other_root, source, other.kinds)
        if len(other_faults) < len(faults):
            reading, root, faults, excused = other, other_root, other_faults, other_excused
    low = Lowering(source, reading, _handlers(reading.name))
    low.blanked = blanked
    module = low.emit(codes.MODULE, 0, len(source), 0, -1)
    if root.kind_id == ERROR_KIND:
        low.push(root, codes.AS_BODY, module)
    else:
        statements.push_statements(low, root, module)
    if root.has_error:
        _run_with_errors(low, excused)
    else:
        chains.run(low)
    body = low.finish()
    tree = Tree(body)
    imports, exports = modules.module_facts(low, tree)
    return FileFacts(
        path,
        language,
        interface.build(tree, imports, exports),
        body,
        faults,
        gather_suppressions(root, source),
        remarks=gather_remarks(root, source),
    )


@lru_cache
def _handlers(name: str) -> list[Handler | None]:
    handlers = {
        **values.HANDLERS,
        **expressions.HANDLERS,
        **types.HANDLERS,
        **statements.HANDLERS,
        **functions.HANDLERS,
        **declarations.HANDLERS,
        **modules.HANDLERS,
    }
    return handler_table(load_grammar(name), handlers, expressions.lower_opaque)


def _run_with_errors(low: Lowering, excused: frozenset[int]) -> None:
    """Works until nothing is left, on a tree with ERROR and MISSING nodes. Handlers do not see an ERROR
    among the parts of a node; here it becomes an OPAQUE beside them, so that its calls are seen."""
    stack, deferred = low.stack, low.deferred
    while stack:
        handler, node, role, parent = stack.pop()
        if node.is_missing:
            low.emit(codes.OPAQUE | role, node.start_byte, node.end_byte, 0, parent)
            continue
        if node.id in excused:
            # Text, but for the expressions in JSX text.
            low.push_all(
                [child for child in node.children if low.kinds[child.kind_id] in expressions.JSX_PARTS], role, parent
            )
            continue
        before, mark = low.count, len(stack)
        if deferred and node.id in deferred:
            chains.resume(low, node, role, parent)
        else:
            handler(low, node, role, parent)
        if not node.has_error or node.kind_id == ERROR_KIND:
            continue
        pushed = {item[1].id for item in stack[mark:]}
        errors = [child for child in node.children if child.kind_id == ERROR_KIND and child.id not in pushed]
        if errors:
            owner = before if low.count > before else parent
            stack[mark:] = _with_errors(low, stack[mark:], errors, owner)


def _with_errors(low: Lowering, work: list[Work], errors: list[Node], owner: int) -> list[Work]:
    """The work that a node left, with its ERRORs put where they stand in the source."""
    work.reverse()
    for error in errors:
        start = error.start_byte
        at = len(work)
        while at and work[at - 1][1].start_byte > start:
            at -= 1
        work.insert(at, (expressions.lower_opaque, error, codes.AS_NONE, owner))
        low.cover(owner, start, error.end_byte)
    work.reverse()
    return work
