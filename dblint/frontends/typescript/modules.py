"""Imports and exports: ES modules, TypeScript's own forms, CommonJS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from dblint.facts.tree import Export, Flag, Import, Kind, Role, Tree
from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.lowering import Handler, Lowering
from dblint.frontends.typescript.values import string_content

_DEFINED: Final = frozenset({grammar.FUNCTION_EXPRESSION, grammar.CLASS_EXPRESSION})


def lower_import(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`import … from "m"`, `import "m"`, `import a = require("m")`."""
    index = low.emit(codes.IMPORT | role, node.start_byte, node.end_byte, 0, parent)
    kinds = low.kinds
    module = ""
    clause: Node | None = None
    type_only = False
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.STRING:
            module = _text(low, child)
        elif kind == grammar.IMPORT_CLAUSE:
            clause = child
        elif kind in (grammar.TYPE, grammar.TYPEOF):
            type_only = True
        elif kind == grammar.IMPORT_REQUIRE:
            parts = low.parts(child)
            if len(parts) == 2:
                low.imports.append(Import(_text(low, parts[1]), "", _text(low, parts[0]), index, type_only))
    if clause is None:
        return
    for part in low.parts(clause):
        kind = kinds[part.kind_id]
        if kind == grammar.IDENTIFIER:
            low.imports.append(Import(module, "default", _text(low, part), index, type_only))
        elif kind == grammar.NAMESPACE_IMPORT:
            low.imports += [Import(module, "*", _text(low, name), index, type_only) for name in low.parts(part)[:1]]
        elif kind == grammar.NAMED_IMPORTS:
            for specifier in low.parts(part):
                names = low.parts(specifier)
                if not names:
                    continue
                own = type_only or kinds[specifier.children[0].kind_id] in (grammar.TYPE, grammar.TYPEOF)
                low.imports.append(Import(module, _text(low, names[0]), _text(low, names[-1]), index, own))


def lower_export(low: Lowering, node: Node, role: int, parent: int) -> None:
    """Every form of `export`. Only those at the top of the file export from it."""
    kinds = low.kinds
    exported = low.exported if parent == 0 else []
    decorators: list[Node] = []
    subject: Node | None = None
    module = ""
    tokens = set()
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind < grammar.NAMED:
            tokens.add(kind)
        elif kind == grammar.DECORATOR:
            decorators.append(child)
        elif kind == grammar.STRING and (subject is not None or grammar.STAR in tokens):
            module = _text(low, child)
        elif subject is None:
            subject = child
    start, stop = node.start_byte, node.end_byte
    kind = kinds[subject.kind_id] if subject is not None else grammar.NOTHING
    if subject is None or kind in (grammar.EXPORT_CLAUSE, grammar.NAMESPACE_EXPORT):
        low.emit(codes.EXPORT | role, start, stop, 0, parent)
        exported += _clause(low, subject, module)
        return
    if grammar.NAMESPACE in tokens:  # `export as namespace N` names a global, not an export
        low.emit(codes.EXPORT | role, start, stop, 0, parent)
        return
    if decorators:
        low.decorators[subject.id] = decorators
    if grammar.DEFAULT in tokens:
        if kind in _DEFINED or kind in (grammar.CLASS_DECLARATION, grammar.DECLARATION):
            exported.append(("default", low.count, 1))
            low.push(subject, role, parent)
        else:
            index = low.emit(codes.EXPORT | role, start, stop, 0, parent)
            exported.append(("default", low.count, 1))
            low.push(subject, codes.AS_VALUE, index)
        return
    if grammar.EQUALS in tokens:
        index = low.emit(codes.EXPORT | role, start, stop, 0, parent)
        exported.append(("module", low.count, 1))
        low.push(subject, codes.AS_VALUE, index)
        return
    declared = subject
    if kind == grammar.AMBIENT:
        declared = next(iter(low.parts(subject)), subject)
    kind = kinds[declared.kind_id]
    if kind == grammar.EXPRESSION_STATEMENT:
        declared = next(iter(low.parts(declared)), declared)
        kind = kinds[declared.kind_id]
    if kind == grammar.INTERNAL_MODULE:
        exported += [Export(_text(low, name), _text(low, name)) for name in low.parts(declared)[:1]]
    else:
        count = len(low.parts(declared)) if kind == grammar.VARIABLE_DECLARATION else 1
        exported.append(("named", low.count, count))
    low.push(subject, role, parent)


def _clause(low: Lowering, subject: Node | None, module: str) -> list[Export]:
    """What `{ a as b }`, `* as ns` or `*` exports."""
    if subject is None:
        return [Export("*", "", module)] if module else []
    if low.kinds[subject.kind_id] == grammar.NAMESPACE_EXPORT:
        return [Export(_text(low, name), "*", module) for name in low.parts(subject)[:1]]
    exports = []
    for specifier in low.parts(subject):
        names = low.parts(specifier)
        if names:
            exports.append(Export(_text(low, names[-1]), _text(low, names[0]), module))
    return exports


def _text(low: Lowering, node: Node) -> str:
    """An identifier, or what a string holds."""
    start, stop = node.start_byte, node.end_byte
    if low.kinds[node.kind_id] == grammar.STRING:
        start, stop = string_content(low, node)
    return low.strings.texts[low.strings[low.source[start:stop]]]


def module_facts(low: Lowering, tree: Tree) -> tuple[tuple[Import, ...], tuple[Export, ...]]:
    """The file's imports and exports, once its tree is finished. In source order; CommonJS exports last."""
    imports = list(low.imports)
    for call in low.loads:
        imports += _loaded(tree, call)
    imports.sort(key=lambda item: item.node)
    exports: list[Export] = []
    for item in low.exported:
        if isinstance(item, Export):
            exports.append(item)
            continue
        form, index, count = item
        if index >= len(tree):
            continue
        if form == "default":
            exports.append(Export("default", _own_name(tree, index), "", index))
        elif form == "module":
            exports += _module_value(tree, index)
        else:
            for _ in range(count):
                exports += [Export(name, name) for name in _declared_names(tree, index)]
                index = tree.ends[index]
                if index >= len(tree):
                    break
    for assignment in low.commonjs:
        exports += _assigned(tree, assignment)
    return tuple(imports), tuple(exports)


def _loaded(tree: Tree, call: int) -> Iterator[Import]:
    """The names that a `require(…)` or `import(…)` is bound to."""
    module = _constant_argument(tree, call)
    if module is None:
        return
    name = "*" if tree.value(tree.child(call, Role.CALLEE)) == "import" else ""
    node = call
    parent = tree.parents[node]
    while parent >= 0:
        kind, role = tree.kinds[parent], tree.roles[node]
        if kind == Kind.ATTRIBUTE and name in ("", "*"):
            name = tree.value(parent)
        elif not (kind == Kind.AWAIT or (kind == Kind.CAST and role == Role.VALUE)):
            break
        node, parent = parent, tree.parents[parent]
    if parent < 0 or tree.kinds[parent] != Kind.ASSIGN or tree.roles[node] != Role.VALUE:
        return
    target = tree.child(parent, Role.TARGET)
    if target < 0:
        return
    if tree.kinds[target] == Kind.NAME:
        yield Import(module, name, tree.value(target), parent)
    elif tree.kinds[target] == Kind.OBJECT and name in ("", "*"):
        for pair in tree.children(target):
            local = _plain_target(tree, pair)
            if local and tree.value(pair):
                yield Import(module, tree.value(pair), local, parent)


def _plain_target(tree: Tree, pair: int) -> str:
    """The name that one element of an object pattern binds, unless it is a pattern itself."""
    if tree.kinds[pair] != Kind.PAIR:
        return ""
    value = tree.child(pair, Role.VALUE)
    if value >= 0 and tree.kinds[value] == Kind.DEFAULTED:
        value = tree.child(value, Role.TARGET)
    return tree.value(value) if value >= 0 and tree.kinds[value] == Kind.NAME else ""


def _constant_argument(tree: Tree, call: int) -> str | None:
    """The module that a `require` or `import` names, when it is written out."""
    argument = tree.child(call, Role.ARGUMENT)
    if argument < 0:
        return None
    if tree.kinds[argument] == Kind.TEMPLATE and tree.ends[argument] == argument + 2:
        argument += 1
    return tree.value(argument) if tree.kinds[argument] == Kind.STRING else None


def _own_name(tree: Tree, index: int) -> str:
    return tree.value(index) if tree.kinds[index] in (Kind.FUNCTION, Kind.CLASS, Kind.ALIAS, Kind.NAME) else ""


def _declared_names(tree: Tree, index: int) -> Iterator[str]:
    """The names that a declaration binds, those of destructuring patterns too."""
    if tree.kinds[index] != Kind.ASSIGN:
        name = _own_name(tree, index)
        if name:
            yield name
        return
    target = tree.child(index, Role.TARGET)
    node, stop = target, tree.ends[target] if target >= 0 else -1
    while node < stop:
        if tree.roles[node] in (Role.DEFAULT, Role.KEY):
            node = tree.ends[node]
            continue
        if tree.kinds[node] == Kind.NAME:
            yield tree.value(node)
        node += 1


def _assigned(tree: Tree, assignment: int) -> Iterator[Export]:
    """What an assignment to `module.exports` or to a member of it exports."""
    target, value = tree.child(assignment, Role.TARGET), tree.child(assignment, Role.VALUE)
    while value >= 0 and tree.kinds[value] == Kind.ASSIGN:
        value = tree.child(value, Role.VALUE)
    if target < 0 or value < 0 or tree.kinds[target] != Kind.ATTRIBUTE:
        return
    if tree.kinds[value] == Kind.UNARY and tree.value(value) == "void":  # a compiler's placeholder
        return
    path = [tree.value(target)]
    base = tree.child(target, Role.OBJECT)
    while base >= 0 and tree.kinds[base] == Kind.ATTRIBUTE:
        path.append(tree.value(base))
        base = tree.child(base, Role.OBJECT)
    if base < 0 or tree.kinds[base] != Kind.NAME:
        return
    path.append(tree.value(base))
    if path == ["exports", "module"]:
        yield from _module_value(tree, value)
    elif path[1:] in (["exports"], ["exports", "module"]):
        yield Export(path[0], _own_name(tree, value) if tree.kinds[value] == Kind.NAME else "", "", value)


def _module_value(tree: Tree, value: int) -> Iterator[Export]:
    """What a file exports whose exports are this value."""
    module = _required(tree, value)
    if module is not None:
        yield Export("*", "", module)
    yield Export("default", _own_name(tree, value), "", value)
    if tree.kinds[value] != Kind.OBJECT:
        return
    for element in tree.children(value):
        inner = tree.child(element, Role.VALUE)
        if inner < 0:
            continue
        if tree.kinds[element] == Kind.SPREAD:
            module = _required(tree, inner)
            if module is not None:
                yield Export("*", "", module)
        elif tree.value(element):
            local = tree.value(inner) if tree.kinds[inner] == Kind.NAME and not tree.flags[inner] & Flag.SELF else ""
            yield Export(tree.value(element), local, "", inner)


def _required(tree: Tree, node: int) -> str | None:
    """The module, when this is `require("module")`."""
    if tree.kinds[node] != Kind.CALL:
        return None
    callee = tree.child(node, Role.CALLEE)
    if callee < 0 or tree.kinds[callee] != Kind.NAME or tree.value(callee) != "require":
        return None
    return _constant_argument(tree, node)


HANDLERS: Final[dict[str, Handler]] = {
    "export_statement": lower_export,
    "import_statement": lower_import,
}
