"""Names inside a file: which bindings reach a use.

A scope is the module, a function or a comprehension; a class body is one for its own statements only.
Bindings that stand in a branch which the use does not share reach it *sometimes*.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import TypeAlias

from dblint.facts.tree import FileFacts, Flag, Import, Kind, Role, Tree

_BINDING_KINDS = re.compile(
    b"["
    + b"".join(
        re.escape(bytes([kind]))
        for kind in (
            Kind.ASSIGN,
            Kind.PARAMETER,
            Kind.LOOP,
            Kind.CLAUSE,
            Kind.ITEM,
            Kind.CATCH,
            Kind.FUNCTION,
            Kind.CLASS,
            Kind.ALIAS,
            Kind.CALL,
            Kind.CASE,
        )
    )
    + b"]",
    re.DOTALL,
)
# Members of an enumeration cost a look-up each time, and these are asked for nearly every node.
_MODULE, _COMPREHENSION, _CALL, _AWAIT = (Kind.MODULE, Kind.COMPREHENSION, Kind.CALL, Kind.AWAIT)
_CLAUSE, _PARAMETER, _NAME, _TARGET = (Kind.CLAUSE, Kind.PARAMETER, Kind.NAME, Role.TARGET)
_STATEMENT_PARENTS = frozenset((Kind.BLOCK, Kind.MODULE, Kind.CASE))
_DEFINITIONS = frozenset((Kind.FUNCTION, Kind.CLASS, Kind.ALIAS))
_OPENING = frozenset((Kind.MODULE, Kind.FUNCTION, Kind.COMPREHENSION, Kind.CLASS))
_INSIDE = {
    Kind.FUNCTION: frozenset(map(int, (Role.BODY, Role.PARAMETER))),
    Kind.CLASS: frozenset(map(int, (Role.BODY,))),
}
_BEFORE = frozenset({Kind.FUNCTION, Kind.CLASS, Kind.CLAUSE})
"""What binds in front of where it stands: definitions, and the loops of a comprehension."""
_CONDITIONAL_ROLES = frozenset({Role.BODY, Role.ELSE, Role.CASE, Role.CATCH, Role.RIGHT})
Leaves: TypeAlias = Callable[[int], bool]
"""Whether a statement leaves its block."""
_CONDITIONAL_PARENTS = frozenset({Kind.IF, Kind.SWITCH, Kind.CASE, Kind.CATCH, Kind.LOOP, Kind.CONDITIONAL})


REACHING = 100
"""Bindings, and statements, of one name that reach one use at most: the nearest."""
EXAMINED = 2_000
"""Bindings of one name that are looked at for one use at most."""


class _Names:
    """The bindings of one name in one scope, in the order of the source."""

    __slots__ = ("_late", "_nodes", "_starts")

    def __init__(self, tree: Tree, nodes: list[int]) -> None:
        """`nodes`: in order."""
        self._nodes = nodes
        self._starts: list[int] | None = None
        self._late: list[int] = []
        if len(nodes) > FEW:
            starts = [tree.starts[node] for node in nodes]
            if all(one <= other for one, other in pairwise(starts)):
                self._starts = starts
                self._late = [node for node in nodes if tree.kinds[node] in _BEFORE]

    def before(self, start: int, crossed: bool) -> Iterator[int]:
        """Those that may reach a use which begins at a byte, the last first; many that begin behind it are not even
        looked at, for a name that is bound everywhere is also used everywhere."""
        if crossed or self._starts is None:
            yield from reversed(self._nodes)
            return
        first = bisect_right(self._starts, start)
        late = bisect_left(self._late, self._nodes[first]) if first < len(self._nodes) else len(self._late)
        yield from reversed(self._late[late:])
        for position in range(first - 1, -1, -1):
            yield self._nodes[position]


FEW = 32
"""Bindings of one name that are looked through one by one."""


class Scopes:
    """The names of one file, by scope."""

    __slots__ = (
        "_around_node",
        "_bindings",
        "_bound",
        "_bound_anywhere",
        "_finds",
        "_functions",
        "_generic",
        "_grown",
        "_handing",
        "_local_imports",
        "_ordered",
        "_outer",
        "_reaching",
        "_required",
        "_statements",
        "_statements_anywhere",
        "facts",
        "tree",
    )

    def __init__(self, facts: FileFacts, tree: Tree | None = None) -> None:
        """`tree`: the file's, where somebody has it already. It is unpacked: who asks for names reads on in it."""
        self.facts = facts
        self.tree = tree if tree is not None else Tree(facts.body)
        self.tree.unpack()
        self._bindings: dict[int, dict[str, list[int]]] | None = None
        """Scope → name → what binds it there, in no order."""
        self._bound_anywhere: set[str] = set()
        self._finds: dict[tuple[int, str], tuple[int, bool, list[tuple[int, bool]] | None]] = {}
        """What `_found` found."""
        self._reaching: dict[tuple[int, str], list[tuple[int, bool]] | None] = {}
        self._bound: dict[tuple[int, str], _Names] = {}
        self._around_node: dict[int, int] = {}
        self._functions: dict[int, int] = {}
        """Parent of nodes → the function that it is or stands in."""
        self._statements: dict[int, dict[str, list[int]]] = {}
        self._handing: dict[int, dict[str, list[int]]] = {}
        """The statements of scripts that call something with what a name holds (`narrowed(builder)`)."""
        self._ordered: dict[tuple[int, str], _Names] = {}
        self._required: dict[tuple[int, str], Import] | None = None
        self._generic: dict[str, list[int]] | None = None
        self._grown: dict[tuple[int, str], list[tuple[int, int]]] | None = None
        self._statements_anywhere: dict[str, list[int]] | None = None
        self._local_imports: dict[tuple[int, str], Import] = {}
        self._outer: dict[int, tuple[int, bool]] = {}

    def scope(self, node: int) -> int:
        """The innermost scope that `node` stands in."""
        parent = self.tree.parents[node]
        if parent < 0:
            return 0
        if self.tree.kinds[parent] in _OPENING and self._opens(parent, node):
            return parent
        found = self._around_node.get(parent)
        if found is None:
            found = self._around_node[parent] = self._scope(parent)
        return found

    def _scope(self, node: int) -> int:
        kinds, parents = self.tree.kinds, self.tree.parents
        child, node = node, parents[node]
        while node >= 0:
            if kinds[node] in _OPENING and self._opens(node, child):
                return node
            child, node = node, parents[node]
        return 0

    def _opens(self, node: int, child: int) -> bool:
        """Whether a node of an opening kind is the scope of its child. Decorators, defaults and annotations are read
        outside the function or class."""
        kind = self.tree.kinds[node]
        return kind in (_MODULE, _COMPREHENSION) or self.tree.roles[child] in _INSIDE[kind]

    def function(self, node: int) -> int:
        """The function around `node`, or -1 at module level."""
        parent = self.tree.parents[node]
        found = self._functions.get(parent)
        if found is None:
            found = self._functions[parent] = self._function(parent)
        return found

    def _function(self, node: int) -> int:
        kinds, parents = self.tree.kinds, self.tree.parents
        while node >= 0 and kinds[node] != Kind.FUNCTION:
            node = parents[node]
        return node

    def reaching(self, node: int, name: str, *, failing: Leaves | None = None) -> list[tuple[int, bool]] | None:
        """The bindings of `name` that reach the use at `node`, and the statements on it, nearest first, each with
        whether it is passed always. None: bound nowhere in this file's functions (ask the module's names). `failing`:
        what a `try` calls may fail, and a handler without a statement that leaves goes on with the name as it was."""
        if failing is None:
            try:
                return self._reaching[node, name]
            except KeyError:
                pass
        reached = self.bindings(node, name, failing=failing)
        changed = self.changing(node, name, reached) if reached else None
        found = sorted([*reached, *changed], reverse=True) if reached and changed else reached
        if failing is None:
            self._reaching[node, name] = found
        return found

    def bindings(self, node: int, name: str, *, failing: Leaves | None = None) -> list[tuple[int, bool]] | None:
        """The same without the statements on the name, which bind nothing."""
        found = self._finds.get((node, name)) if failing is None else None
        return (found or self._found(node, name, failing))[2]

    def binds(self, name: str) -> bool:
        """Whether a scope of the file, or a type parameter, binds a name; an import of the module does not count."""
        self._index()
        return name in self._bound_anywhere or name in self.type_parameters()

    def changing(self, node: int, name: str, reached: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
        """The statements on a name between its `bindings` that reach a use and that use, nearest first."""
        scope, crossed, _ = self._found(node, name)
        statements = self._statements.get(scope, {}).get(name)
        if not statements:
            return []
        ordered = self._ordered.get((scope, name))
        if ordered is None:
            ordered = self._ordered[scope, name] = _Names(self.tree, statements)
        return list(self._reach(ordered, node, crossed, reached[-1][0] if reached[-1][1] else -1))

    def handing(self, node: int, name: str, reached: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
        """Those that call something with what the name holds, nearest first."""
        scope, crossed, _ = self._found(node, name)
        calls = self._handing.get(scope, {}).get(name)
        if not calls:
            return []
        return list(self._reach(_Names(self.tree, calls), node, crossed, reached[-1][0] if reached[-1][1] else -1))

    def earlier(self, node: int, name: str) -> list[int]:
        """The assignments that a use of a name goes through because each is made of the one before it (`q = q + …`,
        `q += …`), in the order of the source; none where the name is assigned only once. Whoever asks for them in
        this order never waits for one while asking for another."""
        found: set[int] = set()
        pending = [node]
        while pending:
            for binding, _ in self.bindings(pending.pop(), name) or ():
                if binding not in found and self.tree.kinds[binding] == Kind.ASSIGN:
                    found.add(binding)
                    pending += self._own_uses(binding, name)
        return sorted(found) if len(found) > 1 else []

    def _own_uses(self, assignment: int, name: str) -> Iterator[int]:
        tree = self.tree
        use = tree.kinds.find(Kind.NAME, assignment, tree.ends[assignment])
        while use >= 0:
            if tree.value(use) == name and (tree.roles[use] != Role.TARGET or tree.value(assignment) in ("+", "%")):
                yield use
                return
            use = tree.kinds.find(Kind.NAME, use + 1, tree.ends[assignment])

    def _found(
        self, node: int, name: str, failing: Leaves | None = None
    ) -> tuple[int, bool, list[tuple[int, bool]] | None]:
        """The scope whose bindings of a name reach a use, whether a function begins in between, and the bindings."""
        if failing is not None:
            return self._find(node, name, failing)
        found = self._finds.get((node, name))
        if found is None:
            found = self._finds[node, name] = self._find(node, name, None)
        return found

    def _find(self, node: int, name: str, failing: Leaves | None) -> tuple[int, bool, list[tuple[int, bool]] | None]:
        index = self._bindings if self._bindings is not None else self._index()
        if name not in self._bound_anywhere:
            return 0, False, None
        scope = self.scope(node)
        crossed = False
        while True:
            names = index.get(scope)
            if names is not None and name in names:
                bound = self._bound.get((scope, name))
                if bound is None:
                    bound = self._bound[scope, name] = _Names(self.tree, sorted(names[name]))
                reached = list(self._reach(bound, node, crossed, failing=failing))
                if reached:
                    return scope, crossed, reached
            if scope == 0:
                return scope, crossed, None
            outer = self._outer.get(scope)
            if outer is None:
                outer = self._outer[scope] = self._around(scope)
            scope = outer[0]
            crossed = crossed or outer[1]

    def passed(self, nodes: list[int], use: int) -> list[tuple[int, bool]]:
        """Of these nodes, in order, those that are passed on the way to the use, nearest first, each with whether it
        always is; what stands before one that always is does not matter."""
        return list(self._reach(_Names(self.tree, nodes), use, False))

    def _around(self, inner: int) -> tuple[int, bool]:
        """The scope whose names a scope sees besides its own, and whether a function begins in between."""
        kinds = self.tree.kinds
        scope = self.scope(inner)
        if kinds[inner] != Kind.FUNCTION:
            return scope, False
        while scope > 0 and kinds[scope] == Kind.CLASS:
            scope = self.scope(scope)
        return scope, True

    def _reach(
        self, names: _Names, use: int, crossed: bool, since: int = -1, failing: Leaves | None = None
    ) -> Iterator[tuple[int, bool]]:
        """`crossed`: the use stands in a function inside the bindings' scope, which may run any time. `since`: only
        what stands behind this node."""
        tree = self.tree
        start = tree.starts[use]
        found = 0
        for binding in islice(names.before(start, crossed), EXAMINED):
            if binding <= since:
                return
            if tree.has(binding, Flag.DECLARATION) and not self._same_block(binding, use):
                continue
            if crossed:
                yield binding, False
                if self._overwrites(binding, use):
                    return
            else:
                kind = tree.kinds[binding]
                if tree.starts[binding] > start and kind not in _BEFORE:
                    continue
                if kind == Kind.ASSIGN and binding < use < tree.ends[binding]:
                    continue  # `x = x.filter()`: the use is part of the new value
                if kind == Kind.CALL and binding <= use < tree.ends[binding]:
                    continue
                always, exclusive = self._relation(binding, use)
                if exclusive:
                    continue
                if failing is not None and always and self._may_fail(binding, use, failing):
                    always = False
                yield binding, always
                if always and kind != Kind.CALL:
                    return
            found += 1
            if found >= REACHING:
                return

    def _overwrites(self, binding: int, use: int) -> bool:
        """Whether a name was surely bound here before the arrow function or lambda was made that uses it: it never
        sees what the name held earlier."""
        tree = self.tree
        inner = -1
        for parent in tree.ancestors(use):
            if tree.kinds[parent] == Kind.FUNCTION and not tree.contains(parent, binding):
                inner = parent
            elif tree.contains(parent, binding):
                break
        if inner < 0 or not tree.has(inner, Flag.ARROW) or tree.kinds[binding] != Kind.ASSIGN:
            return False
        before = tree.ends[binding] <= inner and tree.starts[binding] < tree.starts[inner]
        return before and self._relation(binding, inner)[0]

    def _same_block(self, binding: int, use: int) -> bool:
        parents, kinds = self.tree.parents, self.tree.kinds
        node = parents[binding]
        while node > 0 and kinds[node] not in (Kind.BLOCK, Kind.LOOP, Kind.FUNCTION, Kind.CASE):
            node = parents[node]
        return self.tree.contains(max(node, 0), use)

    def _may_fail(self, binding: int, use: int, leaves: Leaves) -> bool:
        """Whether a name may not have been bound although the `try` around its binding was passed: a handler neither
        leaves nor binds it itself."""
        tree = self.tree
        if tree.kinds.find(_CALL, binding, tree.ends[binding]) < 0:
            return False
        child, node = binding, tree.parents[binding]
        while node >= 0 and not tree.contains(node, use):
            if tree.kinds[node] == Kind.TRY and tree.roles[child] == Role.BODY:
                name = tree.value(tree.child(binding, Role.TARGET)) if tree.kinds[binding] == Kind.ASSIGN else ""
                return any(not self._settles(handler, name, leaves) for handler in tree.with_role(node, Role.CATCH))
            child, node = node, tree.parents[node]
        return False

    def _settles(self, handler: int, name: str, leaves: Leaves) -> bool:
        """Whether a handler leaves, or binds the name."""
        tree = self.tree
        body = tree.child(handler, Role.BODY)
        for statement in tree.children(body) if body >= 0 else ():
            if leaves(statement):
                return True
            target = tree.child(statement, Role.TARGET) if tree.kinds[statement] == Kind.ASSIGN else -1
            if target >= 0 and name in self.targets(target):
                return True
        return False

    def _relation(self, binding: int, use: int) -> tuple[bool, bool]:
        """(always passed before the use, excluded by standing in another branch)."""
        tree = self.tree
        parents, roles, kinds, ends = tree.parents, tree.roles, tree.kinds, tree.ends
        child, node = binding, parents[binding]
        always = True
        while node >= 0:
            if node <= use < ends[node]:
                if kinds[node] == Kind.IF or kinds[node] == Kind.CONDITIONAL:
                    mine, theirs = roles[child], self._branch(node, use)
                    if mine in (Role.BODY, Role.ELSE) and theirs in (Role.BODY, Role.ELSE) and mine != theirs:
                        return False, True
                elif kinds[node] == Kind.SWITCH and roles[child] == Role.CASE:
                    if not (child <= use < ends[child]):
                        return False, True
                return always, False
            if kinds[node] in _CONDITIONAL_PARENTS and roles[child] in _CONDITIONAL_ROLES:
                always = False
            elif kinds[node] == Kind.FUNCTION:
                always = False  # a function inside, which may have run or not
            child, node = node, parents[node]
        return always, False

    def _branch(self, node: int, use: int) -> int:
        for child in self.tree.children(node):
            if child <= use < self.tree.ends[child]:
                return self.tree.roles[child]
        return Role.NONE

    def statements_on(self, use: int, name: str) -> list[int]:
        """The calls that are statements of their own on `name`, in the scope of the use."""
        self._index()
        return self._statements.get(self.scope(use), {}).get(name, [])

    def touched(self, name: str, earlier: int, later: int) -> bool:
        """Whether something between two uses of a name in one function binds it again, or is a statement on it; what
        follows the later one in a loop around it alone comes before its next turn."""
        tree = self.tree
        stop = later
        for parent in tree.ancestors(later):
            if tree.contains(parent, earlier):
                break
            if tree.kinds[parent] == Kind.LOOP:
                stop = tree.ends[parent]
        scope = self.scope(earlier)
        while scope > 0 and name not in self._index().get(scope, {}):
            scope = self._around(scope)[0]
        bound = self._index().get(scope, {}).get(name, ())
        nodes = [*bound, *self._statements.get(scope, {}).get(name, ())]
        return any(earlier < node < stop for node in nodes)

    def statements_below(self, use: int, name: str) -> list[int]:
        """The same, with those in functions inside the scope where the name is bound, as far as they mean it."""
        self._index()
        if self._statements_anywhere is None:
            self._statements_anywhere = {}
            for names in self._statements.values():
                for word, nodes in names.items():
                    self._statements_anywhere.setdefault(word, []).extend(nodes)
        calls = self._statements_anywhere.get(name)
        if not calls:
            return []
        scope = self._binding_scope(self.scope(use), name)
        return sorted(call for call in calls if self._binding_scope(self.scope(call), name) == scope)

    def _binding_scope(self, scope: int, name: str) -> int:
        """The scope, from this one outwards, that binds a name; 0 where none below the module does."""
        index = self._bindings if self._bindings is not None else self._index()
        while scope > 0 and name not in index.get(scope, {}):
            scope = self._around(scope)[0]
        return scope

    def grown(self, use: int, name: str) -> bool:
        """Whether a member of what `name` holds is assigned in the function of the use."""
        return bool(self.growth(use, name))

    def growth(self, use: int, name: str) -> list[tuple[int, int]]:
        """The assignments to members of what `name` holds in the function of the use, each with the member that is
        assigned: the first one on the way from the name."""
        if self._grown is None:
            self._grown = {}
            tree = self.tree
            node = tree.kinds.find(Kind.ASSIGN)
            while node >= 0:
                target = tree.child(node, Role.TARGET)
                if target >= 0 and tree.kinds[target] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
                    root = target + 1
                    while tree.kinds[root] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
                        root += 1
                    if tree.kinds[root] == Kind.NAME:
                        key = (self.function(node), tree.value(root))
                        self._grown.setdefault(key, []).append((node, root - 1))
                node = tree.kinds.find(Kind.ASSIGN, node + 1)
        return self._grown.get((self.function(use), name), [])

    def type_parameters(self) -> dict[str, list[int]]:
        """Every type parameter of the file, by name."""
        if self._generic is None:
            self._generic = {}
            kinds = self.tree.kinds
            node = kinds.find(Kind.TYPE_PARAMETER)
            while node >= 0:
                self._generic.setdefault(self.tree.value(node), []).append(node)
                node = kinds.find(Kind.TYPE_PARAMETER, node + 1)
        return self._generic

    def conditional(self, node: int, within: int) -> bool:
        """Whether `node` stands under a branch inside `within`."""
        tree = self.tree
        child, parent = node, tree.parents[node]
        while parent >= 0 and child != within:
            if tree.kinds[parent] in _CONDITIONAL_PARENTS and tree.roles[child] in _CONDITIONAL_ROLES:
                return True
            child, parent = parent, tree.parents[parent]
        return False

    def import_at(self, node: int, name: str) -> Import | None:
        """The import that an assignment is (`const { a } = require("m")`), if it is one."""
        if self._required is None:
            kinds = self.tree.kinds
            self._required = {
                (imported.node, imported.local): imported
                for imported in self.facts.interface.imports
                if kinds[imported.node] == Kind.ASSIGN
            }
        return self._required.get((node, name))

    def local_import(self, scope_node: int, name: str) -> Import | None:
        """The import that binds `name` in that scope."""
        self._index()
        return self._local_imports.get((scope_node, name))

    def _index(self) -> dict[int, dict[str, list[int]]]:
        if self._bindings is not None:
            return self._bindings
        tree = self.tree
        kinds, roles, parents, ends, word = tree.kinds, tree.roles, tree.parents, tree.ends, tree.value
        add, scope_of = self._add, self.scope
        scripts = self.facts.language != "python"
        index: dict[int, dict[str, list[int]]] = {}
        for match in _BINDING_KINDS.finditer(kinds):
            node = match.start()
            kind = kinds[node]
            if kind == _CALL:
                # `builder.limit(1)` as a statement changes what `builder` holds.
                parent = kinds[parents[node]]
                if parent in _STATEMENT_PARENTS or parent == _AWAIT:
                    root = self._statement_root(node)
                    if root >= 0:
                        add(self._statements, scope_of(node), word(root), node)
                        for given in tree.with_role(node, Role.ARGUMENT) if scripts else ():
                            if kinds[given] == _NAME:
                                add(self._handing, scope_of(node), word(given), node)
                continue
            if kind in _DEFINITIONS:
                value = word(node)
                if value and not tree.has(node, Flag.METHOD):
                    add(index, scope_of(node), value, node)
                continue
            if kind == _PARAMETER:
                value = word(node)
                if value:
                    add(index, parents[node], value, node)
                    continue
            target, end = node + 1, ends[node]
            while target < end:
                if roles[target] == _TARGET:
                    scope = parents[node] if kind in (_CLAUSE, _PARAMETER) else scope_of(node)
                    if kinds[target] == _NAME:  # most are: no generator for them
                        add(index, scope, word(target), node)
                    else:
                        for name in self.targets(target):
                            add(index, scope, name, node)
                target = ends[target]
        for imported in self.facts.interface.imports:
            if not imported.local:
                continue
            scope = self.scope(imported.node)
            if scope > 0:
                self._local_imports[scope, imported.local] = imported
                self._add(index, scope, imported.local, imported.node)
        if self.facts.language != "python":
            self._assign_outside(index)
        for names in index.values():
            self._bound_anywhere.update(names)
        self._bindings = index
        return index

    def _assign_outside(self, index: dict[int, dict[str, list[int]]]) -> None:
        """Where a function assigns a name that a scope around it declares, the name holds that for everybody who sees
        it there, too."""
        tree = self.tree
        outside: list[tuple[int, str, list[int]]] = []
        for scope, names in index.items():
            for name, nodes in names.items() if tree.kinds[scope] == Kind.FUNCTION else ():
                if any(tree.kinds[node] != Kind.ASSIGN or tree.has(node, Flag.DECLARATION) for node in nodes):
                    continue
                around = scope
                while around > 0:
                    around = self._around(around)[0]
                    if any(self._declares(node) for node in index.get(around, {}).get(name, ())):
                        outside.append((around, name, nodes))
                        break
        for scope, name, nodes in outside:
            index[scope][name] += nodes

    def _declares(self, node: int) -> bool:
        tree = self.tree
        return tree.kinds[node] == Kind.PARAMETER or (
            tree.kinds[node] == Kind.ASSIGN and tree.has(node, Flag.DECLARATION)
        )

    @staticmethod
    def _add(index: dict[int, dict[str, list[int]]], scope: int, name: str, node: int) -> None:
        names = index.get(scope)
        if names is None:
            names = index[scope] = {}
        bound = names.get(name)
        if bound is None:
            names[name] = [node]
        else:
            bound.append(node)

    def _statement_root(self, call: int) -> int:
        """The NAME at the root of a chain that is a statement of its own, else -1."""
        tree = self.tree
        kinds, roles, parents = tree.kinds, tree.roles, tree.parents
        parent = parents[call]
        if kinds[parent] == Kind.AWAIT:
            parent = parents[parent]
        if kinds[parent] not in _STATEMENT_PARENTS:
            return -1
        node = call
        while True:
            kind = kinds[node]
            if kind == Kind.NAME:
                return node
            if kind not in (Kind.CALL, Kind.ATTRIBUTE):
                return -1
            node += 1  # the callee or object is the first child
            if roles[node] not in (Role.CALLEE, Role.OBJECT):
                return -1

    def targets(self, target: int) -> Iterator[str]:
        """The names that a target binds."""
        tree = self.tree
        kinds = tree.kinds
        node, end = target, tree.ends[target]
        while node < end:
            kind = kinds[node]
            if kind == Kind.NAME:
                if tree.roles[node] != Role.KEY:
                    yield tree.value(node)
                node = tree.ends[node]
            elif kind in (Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.CALL):
                node = tree.ends[node]
            elif kind == Kind.DEFAULTED:
                node += 1
            elif tree.roles[node] == Role.DEFAULT:
                node = tree.ends[node]
            else:
                node += 1
