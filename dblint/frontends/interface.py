"""The part of a file that other files can ask for, read from its neutral tree. The same for every language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts.tree import ClassInterface, Export, Flag, Import, Interface, Kind, Role, Tree


def _kinds(*kinds: int) -> re.Pattern[bytes]:
    """Finds the next node of these kinds in `Tree.kinds`: far cheaper than visiting every node."""
    return re.compile(b"[" + b"".join(re.escape(bytes([kind])) for kind in kinds) + b"]", re.DOTALL)


_BINDINGS = _kinds(Kind.FUNCTION, Kind.CLASS, Kind.ALIAS, Kind.ASSIGN, Kind.LOOP, Kind.ITEM)
_MEMBERS = _kinds(Kind.FUNCTION, Kind.CLASS, Kind.ASSIGN)
_CLASSES = _kinds(Kind.CLASS)
_OPAQUES = _kinds(Kind.OPAQUE)

# As plain integers: comparing with a member of an enumeration costs a look-up each time.
_FUNCTION, _CLASS, _ALIAS, _ASSIGN = Kind.FUNCTION, Kind.CLASS, Kind.ALIAS, Kind.ASSIGN
_NAME, _ATTRIBUTE, _OPAQUE, _KEYWORD = Kind.NAME, Kind.ATTRIBUTE, Kind.OPAQUE, Kind.KEYWORD
_EXPORT, _LOOP = Kind.EXPORT, Kind.LOOP
_TARGET, _BODY, _BASE = Role.TARGET, Role.BODY, Role.BASE
_DECORATOR, _PARAMETER = Role.DECORATOR, Role.PARAMETER
_TYPE_PARAMETER = Role.TYPE_PARAMETER
_METHOD, _ARROW, _FIELD, _SELF = Flag.METHOD, Flag.ARROW, Flag.FIELD, Flag.SELF
_DECLARATION = Flag.DECLARATION

_SCOPES = frozenset({_FUNCTION, _CLASS})
_PLACES = frozenset({Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.CALL})
"""A target of these kinds changes a place that is there already; it binds no name."""
_NO_TARGETS = frozenset({Role.KEY, Role.DEFAULT})
_MODULE_LEVEL = frozenset({Kind.MODULE, _EXPORT})
_STATEMENT_ROLES = frozenset({Role.BODY, Role.ELSE, Role.NONE})


def build(
    tree: Tree, imports: tuple[Import, ...], exports: tuple[Export, ...], *, receiver_is_parameter: bool = False
) -> Interface:
    """Module-level names and classes.

    `names` holds what is bound at module level, under `if`, `try`, `with` and loops too, by walrus and by
    destructuring, and what a function binds under Python's `global`. A `let` or `const` in a block or loop is
    its own. `ClassInterface.bases` leaves out keywords (`metaclass=`), which the tree has as BASE too.

    `receiver_is_parameter`: a method's receiver is its first parameter, whatever it is called (Python);
    otherwise it is what carries Flag.SELF.
    """
    classes: dict[int, ClassInterface] = {}
    for match in _CLASSES.finditer(tree.kinds):
        classes[match.start()] = _class(tree, match.start(), receiver_is_parameter)
    return Interface(imports, exports, _names(tree), classes)


def target_names(tree: Tree, target: int) -> Iterator[str]:
    """The names that a target binds, those in a destructuring pattern too."""
    kinds, roles, ends = tree.kinds, tree.roles, tree.ends
    node, end = target, ends[target]
    while node < end:
        kind = kinds[node]
        if kind in _PLACES or roles[node] in _NO_TARGETS:
            node = ends[node]
            continue
        if kind == _NAME:
            yield tree.value(node)
        node += 1


def _names(tree: Tree) -> dict[str, tuple[int, ...]]:
    kinds, roles, ends, parents = tree.kinds, tree.roles, tree.ends, tree.parents
    found: dict[str, list[int]] = {}
    search = _BINDINGS.search
    position = 0
    while match := search(kinds, position):
        node = match.start()
        kind = kinds[node]
        position = node + 1
        if kind in _SCOPES:
            position = ends[node]
            if _is_statement(tree, node):
                _bind(found, tree.value(node), node)
        elif kind == _ALIAS:
            _bind(found, tree.value(node), node)
        elif not tree.flags[node] & _DECLARATION or (kind != _LOOP and kinds[parents[node]] in _MODULE_LEVEL):
            target, end = node + 1, ends[node]
            while target < end:
                if roles[target] == _TARGET:
                    if kinds[target] == _NAME:  # most are: no generator for them
                        _bind(found, tree.value(target), node)
                    else:
                        for name in target_names(tree, target):
                            _bind(found, name, node)
                target = ends[target]
    if "global" in tree.strings:
        _add_globals(tree, found)
    return {name: tuple(nodes) for name, nodes in found.items()}


def _is_statement(tree: Tree, node: int) -> bool:
    """Whether a FUNCTION or CLASS stands where its name becomes a name of the scope around."""
    above = tree.kinds[tree.parents[node]]
    if above == _EXPORT:
        return True
    return tree.roles[node] in _STATEMENT_ROLES and (above < _NAME or above == _OPAQUE)


def _bind(found: dict[str, list[int]], name: str, node: int) -> None:
    if name:
        nodes = found.get(name)
        if nodes is None:
            found[name] = [node]
        else:
            nodes.append(node)


def _add_globals(tree: Tree, found: dict[str, list[int]]) -> None:
    """Adds what functions bind to names that they declare `global`."""
    kinds, roles, ends = tree.kinds, tree.roles, tree.ends
    declared: dict[int, set[str]] = {}
    for match in _OPAQUES.finditer(kinds):
        node = match.start()
        if tree.value(node) == "global":
            function = next((above for above in tree.ancestors(node) if kinds[above] in _SCOPES), -1)
            if function >= 0:
                declared.setdefault(function, set()).update(tree.value(child) for child in tree.children(node))
    for function, names in declared.items():
        position = function + 1
        while found_next := _BINDINGS.search(kinds, position, ends[function]):
            node = found_next.start()
            position = ends[node] if kinds[node] in _SCOPES else node + 1
            if kinds[node] in _SCOPES:
                bound = [tree.value(node)] if _is_statement(tree, node) else []
            else:
                bound = [
                    name
                    for target in tree.children(node)
                    if roles[target] == _TARGET
                    for name in target_names(tree, target)
                ]
            for name in bound:
                if name in names:
                    _bind(found, name, node)
    for nodes in found.values():
        nodes.sort()


def _class(tree: Tree, cls: int, receiver_is_parameter: bool) -> ClassInterface:
    kinds, roles, ends, flags = tree.kinds, tree.roles, tree.ends, tree.flags
    bases = []
    body = -1
    for child in tree.children(cls):
        role = roles[child]
        if role == _BASE and kinds[child] != _KEYWORD:
            bases.append(child)
        elif role == _BODY:
            body = child
    members: dict[str, list[int]] = {}
    if body >= 0:
        search = _MEMBERS.search
        position, end = body + 1, ends[body]
        method_end = position  # where the method ends that `position` is in
        receiver = ""
        while match := search(kinds, position, end):
            node = match.start()
            kind = kinds[node]
            position = node + 1
            if kind == _CLASS:
                position = ends[node]
                if node >= method_end and _is_statement(tree, node):
                    _bind(members, tree.value(node), node)
            elif kind == _ASSIGN:
                target, stop = node + 1, ends[node]
                while target < stop:
                    if roles[target] == _TARGET:
                        named = kinds[target] == _NAME  # most are: no generator for them
                        if node >= method_end:
                            for name in (tree.value(target),) if named else target_names(tree, target):
                                _bind(members, name, node)
                        elif not named:
                            for name in _receiver_attributes(tree, target, receiver):
                                _bind(members, name, node)
                    target = ends[target]
            elif node >= method_end:
                if flags[node] & _METHOD or _is_statement(tree, node):
                    _bind(members, tree.value(node), node)
                elif not flags[node] & _ARROW:
                    position = ends[node]  # a function as a value: its receiver is not this class's
                    continue
                method_end = ends[node]
                receiver = _enter_method(tree, node, members, receiver_is_parameter)
            elif receiver_is_parameter:
                if receiver in (tree.value(one) for one in tree.with_role(node, _PARAMETER)):
                    position = ends[node]
            elif not flags[node] & _ARROW:
                position = ends[node]
    return ClassInterface(tree.value(cls), cls, tuple(bases), {name: tuple(nodes) for name, nodes in members.items()})


def _enter_method(tree: Tree, method: int, members: dict[str, list[int]], receiver_is_parameter: bool) -> str:
    """Notes the attributes that a method's parameters declare; gives the name of its receiver, or "" for none."""
    kinds, roles = tree.kinds, tree.roles
    receiver = ""
    static, first = False, True
    for child in tree.children(method):
        role = roles[child]
        if role == _DECORATOR:
            static = static or (kinds[child] == _NAME and tree.value(child) == "staticmethod")
        elif role == _PARAMETER:
            if first and receiver_is_parameter and tree.flags[method] & _METHOD and not static:
                receiver = tree.value(child)
            first = False
            if tree.flags[child] & _FIELD:
                _bind(members, tree.value(child), child)
        elif role != _TYPE_PARAMETER:
            break
    return receiver


def _receiver_attributes(tree: Tree, target: int, receiver: str) -> Iterator[str]:
    """The attributes of the receiver that a target sets."""
    kinds, ends = tree.kinds, tree.ends
    node, end = target, ends[target]
    while node < end:
        kind = kinds[node]
        if kind in _PLACES:
            # The object is the first child; of another object, nothing is this class's.
            if kind == _ATTRIBUTE and kinds[node + 1] == _NAME and ends[node] == node + 2:
                if tree.flags[node + 1] & _SELF or (receiver and tree.value(node + 1) == receiver):
                    yield tree.value(node)
            node = ends[node]
        elif tree.roles[node] in _NO_TARGETS:
            node = ends[node]
        else:
            node += 1
