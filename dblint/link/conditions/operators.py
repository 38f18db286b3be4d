"""`operators`: conditions written with overloaded operators (`User.id == 1`, `or_(…)`, `~x`, `.in_(…)`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.query import (
    And,
    Column,
    Compare,
    Condition,
    Element,
    Expression,
    Function,
    Not,
    OpaqueCondition,
    OpaqueExpression,
    Or,
    Order,
    Star,
    Subquery,
    Value,
    When,
)
from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.arguments import Site, find, positional
from dblint.link.conditions import TOGETHER, Reading, Scene, document
from dblint.link.conditions.decided import decided
from dblint.link.values import (
    Alternatives,
    BoundMember,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    options,
)
from dblint.link.values import Value as Held

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

COMPARISONS = {
    "==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
    "<<": "in", ">>": "is", "%": "like", "**": "ilike",
}  # fmt: skip
METHODS = {
    "in_": "in", "notin_": "not-in", "not_in": "not-in", "like": "like", "ilike": "ilike", "notlike": "not-like",
    "is_": "is", "isnot": "is-not", "is_not": "is-not", "between": "between", "contains": "contains",
    "startswith": "starts-with", "endswith": "ends-with", "any": "any", "has": "any", "op": "operator",
    "any_": "any", "overlap": "overlap", "match": "search", "regexp": "regexp", "iregexp": "iregexp",
}  # fmt: skip
SORTED = {
    "asc": "", "desc": "descending", "nullsfirst": "first", "nulls_first": "first", "nullslast": "last",
    "nulls_last": "last",
}  # fmt: skip
"""What is said of a sort key behind it."""
SIGNED = {"-": "descending", "+": ""}
"""What is said of a sort key before it."""
NAMED = frozenset({"label", "alias"})
"""What gives an expression another name in the rows."""
ARITHMETIC = frozenset("+-*/%")
DEPTH = 40


def read(scene: Scene, site: Site) -> Reading:
    """One argument as a condition: an object is one of columns and values, a function is what it gives; what a list in
    it was given (`and_(*filters)`) as several."""
    if scene.evaluator.javascript(site.path) and site.node >= 0:
        return _read(scene, _given(scene, site) or site, DEPTH)
    listed = _listed(scene, site)
    if listed is not None:
        return Reading(
            tuple(Element(_condition(scene, each, DEPTH) or OpaqueCondition(), each.when) for each in listed), False
        )
    return _whole_condition(scene, site)


def _read(scene: Scene, site: Site, depth: int) -> Reading:
    """A condition of a host in which what is undefined drops out: conditions that all hold are told one by one."""
    tree = scene.evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if kind == Kind.OBJECT:
        return document.read(scene, site)
    if kind == Kind.CONSTANT and tree.value(site.node) in ("undefined", "null", "false"):
        return Reading()
    if depth > 0 and kind == Kind.CONDITIONAL:
        ways = [_read(scene, at, depth - 1) for at in _ways(tree, site)]
        if any(not way.elements and not way.open for way in ways):
            kept = tuple(replace(each, when=When.SOMETIMES) for way in ways for each in way.elements)
            return Reading(kept, any(way.open for way in ways))
        return Reading((Element(OpaqueCondition(), site.when),), any(way.open for way in ways))
    if depth > 0 and kind == Kind.BINARY and tree.value(site.node) == "and":
        right = Site(site.path, tree.child(site.node, Role.RIGHT), site.context, When.SOMETIMES)
        return _read(scene, right, depth - 1)
    if depth > 0 and kind == Kind.NAME:
        held = _assigned(scene, site)
        return _read(scene, held, depth - 1) if held is not None else _whole_condition(scene, site)
    if depth > 0 and kind == Kind.CALL and scene.stands(site) == "and":
        given, hidden = _together(scene, site)
        parts = [_read(scene, each, depth - 1) for each in given]
        elements = tuple(
            element if each.when is When.ALWAYS else replace(element, when=When.SOMETIMES)
            for each, part in zip(given, parts, strict=True)
            for element in part.elements
        )
        return Reading(elements, hidden or any(part.open for part in parts))
    return _whole_condition(scene, site)


def _together(scene: Scene, site: Site) -> tuple[list[Site], bool]:
    """The conditions that a call is given, with those of lists that it is given element by element, also of one that
    conditions were added to; and whether there may be more."""
    scope = scene.evaluator.scope(site.path)
    tree = scope.tree
    found: list[Site] = []
    hidden = False
    for node, spread in positional(scene.evaluator, site):
        value = tree.child(node, Role.VALUE) if spread else node
        here = Site(site.path, value, site.context, site.when)
        literal = _assigned(scene, here) if spread and tree.kinds[value] == Kind.NAME else here
        if not spread:
            found.append(here)
        elif literal is None or tree.kinds[literal.node] != Kind.LIST:
            hidden = True
        else:
            found += [Site(site.path, child, site.context, site.when) for child in tree.children(literal.node)]
            pushed, more = _pushed(scene, literal, site) if literal.node != value else ([], False)
            found += pushed
            hidden = hidden or more
    hidden = hidden or any(tree.kinds[each.node] == Kind.SPREAD for each in found)
    return [each for each in found if tree.kinds[each.node] != Kind.SPREAD], hidden


def _pushed(scene: Scene, literal: Site, until: Site) -> tuple[list[Site], bool]:
    """What is added between its making and a place to the list that a name holds, and whether it may be more."""
    scope = scene.evaluator.scope(literal.path)
    tree = scope.tree
    function = scope.function(literal.node)
    name = tree.value(tree.child(tree.parents[literal.node], Role.TARGET))
    found: list[Site] = []
    node = tree.kinds.find(Kind.NAME, literal.node, until.node)
    while node >= 0:
        if tree.value(node) == name:
            call = node - 2
            adds = (
                tree.roles[node] == Role.OBJECT
                and tree.kinds[call] == Kind.CALL
                and tree.kinds[call + 1] == Kind.ATTRIBUTE
            )
            if adds and tree.value(call + 1) in ("push", "unshift"):
                branch = scope.function(call) != function or scope.conditional(call, function)
                when = When.SOMETIMES if branch else literal.when
                given = tree.with_role(call, Role.ARGUMENT)
                found += [Site(literal.path, each, literal.context, when) for each in given]
            elif tree.roles[node] in (Role.ARGUMENT, Role.VALUE):
                return found, True
        node = tree.kinds.find(Kind.NAME, node + 1, until.node)
    return found, False


def _ways(tree: Tree, site: Site) -> Iterator[Site]:
    """The two expressions of which a conditional is one."""
    for role in (Role.BODY, Role.ELSE):
        part = tree.child(site.node, role)
        if part >= 0:
            yield Site(site.path, part, site.context, site.when)


def _assigned(scene: Scene, site: Site) -> Site | None:
    """The only expression that a name of a function is given; calls may have added to what it holds."""
    scope = scene.evaluator.scope(site.path)
    reached = scope.reaching(site.node, scope.tree.value(site.node)) or ()
    reached = [each for each in reached if scope.tree.kinds[each[0]] != Kind.CALL]
    if len(reached) != 1 or scope.tree.kinds[reached[0][0]] != Kind.ASSIGN or scope.tree.value(reached[0][0]):
        return None
    target, value = (scope.tree.child(reached[0][0], role) for role in (Role.TARGET, Role.VALUE))
    held = value >= 0 and scope.tree.kinds[target] == Kind.NAME
    return Site(site.path, value, site.context, site.when) if held else None


def _whole_condition(scene: Scene, site: Site) -> Reading:
    """An expression as one condition."""
    condition = _condition(scene, site, DEPTH)
    if condition is None:
        return Reading((Element(OpaqueCondition(), site.when),), False)
    return Reading((Element(condition, site.when),), False)


def _listed(scene: Scene, site: Site) -> tuple[Site, ...] | None:
    """The conditions that all have to hold, where lists are spread among them whose elements can be said."""
    tree = scene.evaluator.tree(site.path)
    if site.node < 0 or tree.kinds[site.node] != Kind.CALL:
        return None
    if not any(tree.kinds[node] == Kind.SPREAD for node in tree.with_role(site.node, Role.ARGUMENT)):
        return None
    found = find(scene.evaluator, "*", site) if scene.stands(site) == "and" else None
    return found.sites if found is not None and not found.open else None


def _condition(scene: Scene, site: Site, depth: int) -> Condition | None:
    tree = scene.evaluator.tree(site.path)
    if depth <= 0 or site.node < 0:
        return None
    kind = tree.kinds[site.node]

    def at(node: int) -> Site:
        return Site(site.path, node, site.context, site.when)

    host = decided(scene, site)
    if host is not None:
        return OpaqueCondition(decided=host)
    if kind == Kind.UNARY and tree.value(site.node) in ("~", "not"):
        inner = _condition(scene, at(tree.child(site.node, Role.VALUE)), depth - 1)
        return Not(inner) if inner is not None else None
    if kind == Kind.BINARY:
        word = tree.value(site.node)
        left, right = tree.child(site.node, Role.LEFT), tree.child(site.node, Role.RIGHT)
        if word in ("==", "!=") and tree.kinds[right] == Kind.CONSTANT and tree.value(right) == "null":
            return _null(scene, at(left), word, at(site.node))
        if word in COMPARISONS:
            query = scene.asked(at(right)) if COMPARISONS[word] == "in" else None
            compared = Subquery(query) if query is not None else expression(scene, at(right))
            column = expression(scene, at(left))
            return Compare(_leading(scene, column) if word in ("==", "!=") else column, COMPARISONS[word], compared)
        if word in ("&", "|"):
            parts = [_condition(scene, at(part), depth - 1) or OpaqueCondition() for part in (left, right)]
            return And(tuple(parts)) if word == "&" else Or(tuple(parts))
        return None
    if kind == Kind.CALL:
        callee = site.node + 1
        word = tree.value(callee)
        arguments = [node for node in tree.with_role(site.node, Role.ARGUMENT) if tree.kinds[node] != Kind.KEYWORD]
        if tree.kinds[callee] == Kind.ATTRIBUTE and word == "is_null":
            absent = not arguments or tree.value(arguments[0]) != "false"
            return Compare(expression(scene, at(callee + 1)), "is" if absent else "is-not", Value("null"))
        if tree.kinds[callee] == Kind.ATTRIBUTE and word in METHODS:
            if of_related(tree, site.node):
                return None
            value: Expression = expression(scene, at(arguments[0])) if arguments else Value("null")
            if METHODS[word] == "between" and len(arguments) == 2:
                value = Function("range", (value, expression(scene, at(arguments[1]))))
            if METHODS[word] in ("in", "not-in") and arguments:
                query = scene.asked(at(arguments[0]))
                value = Subquery(query) if query is not None else value
            return Compare(expression(scene, at(callee + 1)), METHODS[word], value)
        called = _compared(scene, site)
        if called is not None:
            return called
        stands = scene.stands(site)
        if stands in TOGETHER:
            parts = [_condition(scene, at(node), depth - 1) or OpaqueCondition() for node in arguments]
            if stands == "not":
                return Not(parts[0]) if parts else None
            return And(tuple(parts)) if stands == "and" else Or(tuple(parts))
    return None


def of_related(tree: Tree, call: int) -> bool:
    """Whether a call tests related rows, by a condition on them (`Jar.lids.any(Lid.id == 1)`)."""
    return tree.kinds[call + 1] == Kind.ATTRIBUTE and tree.value(call + 1) in ("any", "has")


def _given(scene: Scene, site: Site) -> Site | None:
    """What the function at a place gives, where it gives one thing (`where: (jar, { eq }) => eq(jar.id, 1)`)."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] != Kind.FUNCTION:
        return None
    found = [
        Site(option.path, node, option.context, site.when)
        for option in options(scene.evaluator.value(site.path, site.node, site.context))
        if isinstance(option, FunctionValue)
        for node in scene.evaluator.returns(option)
    ]
    return found[0] if len(found) == 1 else None


def _attribute(scene: Scene, owner: ProjectClass, name: str) -> str:
    """The column behind an attribute of a model, which may be another one than the statement is of."""
    if scene.table is not None and scene.table.column(name) is not None and scene.model in (None, owner):
        return scene.column(name)
    held = scene.columns(owner, name) if scene.columns is not None else None
    return held.name if held is not None else scene.column(name)


def _compared(scene: Scene, site: Site) -> Condition | None:
    """What a function gives, or a member, that a row calls a condition (`eq(jar.id, 1)`)."""
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    for option in options(evaluator.value(site.path, site.node + 1, site.context)):
        row = evaluator.rows.row_of(option) if isinstance(option, (LibraryFunction, BoundMember)) else None
        if row is None or not row.compares:
            continue
        given = [Site(site.path, node, site.context, site.when) for node in tree.with_role(site.node, Role.ARGUMENT)]
        if not given:
            return None
        sides = [expression(scene, each) for each in given]
        value: Expression = sides[1] if len(sides) > 1 else Value("null")
        if row.compares in ("between", "not-between") and len(sides) > 2:
            value = Function("range", tuple(sides[1:3]))
        if row.compares in ("in", "not-in") and len(given) > 1:
            query = scene.asked(given[1])
            value = Subquery(query) if query is not None else value
        return Compare(sides[0], row.compares, value)
    return None


def _null(scene: Scene, left: Site, word: str, whole: Site) -> Condition:
    """`column == None`: libraries whose operators make conditions write IS NULL. Of a relation the column is compared
    that holds its key, and it does not stand there itself."""
    written = expression(scene, left)
    compared = _leading(scene, written)
    there = compared == written
    if isinstance(compared, Column) and there:
        compared = replace(compared, place=scene.place(left))
    return Compare(compared, "is" if word == "==" else "is-not", Value("null"), scene.place(whole) if there else None)


def _leading(scene: Scene, compared: Expression) -> Expression:
    """What a comparison with a row asks of: the column by which the relation leads there."""
    if scene.table is None or not isinstance(compared, Column) or compared.relation:
        return compared
    relation = scene.table.relation(compared.name) if scene.table.column(compared.name) is None else None
    if relation is None or len(relation.columns) != 1:
        return compared
    return replace(compared, name=relation.columns[0])


def aliased(evaluator: Evaluator, value: Held) -> ProjectClass | None:
    """The model that a value is another name for."""
    if not isinstance(value, Instance) or not isinstance(value.cls, LibraryClass):
        return None
    row = evaluator.tables.types[value.cls.name]
    model = value.argument(row.model) if row.aliases and row.model else None
    return model if isinstance(model, ProjectClass) else None


def expression(scene: Scene, site: Site) -> Expression:
    """A column, a value, a function of columns, or an opaque expression."""
    tree = scene.evaluator.tree(site.path)
    if site.node < 0:
        return OpaqueExpression()
    kind = tree.kinds[site.node]
    if kind == Kind.ATTRIBUTE:
        owner = scene.evaluator.value(site.path, site.node + 1, site.context)
        if isinstance(owner, ProjectClass) and not scene.evaluator.classes.enumerates(owner):
            return Column(_attribute(scene, owner, tree.value(site.node)), scene.evaluator.classes.class_name(owner))
        if isinstance(owner, Alternatives) and all(isinstance(option, ProjectClass) for option in owner.options):
            return Column(tree.value(site.node))  # of one of several models
        model = aliased(scene.evaluator, owner)
        if model is not None:
            alias = tree.value(site.node + 1) or scene.evaluator.tree(model.path).value(model.node)
            return Column(scene.column(tree.value(site.node)), alias)
        held = _of_columns(scene, owner, tree.value(site.node), site)
        return (
            held
            if held is not None
            else _model(scene, site)
            or _whole(scene, site)
            or Value("parameter", "", Origin.UNKNOWN, scene.handed(site))
        )
    if kind == Kind.NAME:
        every = _model(scene, site)
        if every is not None:
            return every
        return _whole(scene, site) or scene.value(site)
    if kind == Kind.SUBSCRIPT:
        index = tree.child(site.node, Role.INDEX)
        if index >= 0 and tree.kinds[index] == Kind.STRING:
            owner = scene.evaluator.value(site.path, site.node + 1, site.context)
            held = _of_columns(scene, owner, tree.value(index), site)
            if held is not None:
                return held
        return scene.value(site)
    if kind == Kind.BINARY and tree.value(site.node) in ARITHMETIC:
        return _computed(scene, site)
    if kind == Kind.CALL:
        callee = site.node + 1
        nested = _nested(scene, site)
        if nested is not None:
            return nested
        if tree.kinds[callee] == Kind.ATTRIBUTE and (tree.value(callee) in SORTED or tree.value(callee) in NAMED):
            return expression(scene, Site(site.path, callee + 1, site.context, site.when))
        if tree.kinds[callee] == Kind.ATTRIBUTE and scene.names_functions(Site(site.path, callee + 1, site.context)):
            arguments = tuple(
                expression(scene, Site(site.path, node, site.context, site.when))
                for node in tree.with_role(site.node, Role.ARGUMENT)
            )
            name = tree.value(callee).lower()
            return Function(name, arguments or ((Star(),) if name == "count" else ()))
        return _itself(scene, site)
    return scene.value(site)


def _nested(scene: Scene, site: Site) -> Expression | None:
    """What a query inside this one gives, or whether it has rows, also where that is said more of
    (`select(…).exists().label("any")`); None for every other call."""
    tree = scene.evaluator.tree(site.path)
    node = site.node
    while tree.kinds[node] == Kind.CALL:
        callee = node + 1
        called = tree.kinds[callee] == Kind.ATTRIBUTE
        stands = scene.stands(Site(site.path, node, site.context))
        if stands in ("query", "exists"):
            argument = tree.child(node, Role.ARGUMENT)
            at = callee + 1 if called and argument < 0 else argument
            query = scene.asked(Site(site.path, at, site.context)) if at >= 0 else None
            if query is None and scene.holds(site) == stands:
                query = scene.asked(site)  # it was given its conditions later (`exists().where(…)`)
            given: Expression = Subquery(query) if query is not None else OpaqueExpression()
            return Function("exists", (given,)) if stands == "exists" else given
        if not called:
            return None
        node = callee + 1
    return None


def _itself(scene: Scene, site: Site) -> Expression:
    """What a function is given that only says its type to whoever reads the program."""
    tree = scene.evaluator.tree(site.path)
    given = tree.child(site.node, Role.ARGUMENT)
    if given >= 0 and tree.kinds[given] == Kind.ATTRIBUTE and tree.kinds[site.node + 1] in (Kind.NAME, Kind.ATTRIBUTE):
        for option in options(scene.evaluator.value(site.path, site.node + 1, site.context)):
            if isinstance(option, LibraryFunction):
                if scene.evaluator.tables.functions[option.path][1].returns == "argument:0":
                    return expression(scene, Site(site.path, given, site.context, site.when))
    return OpaqueExpression()


def _computed(scene: Scene, site: Site) -> Expression:
    """What is computed of columns; of values alone it is a value."""
    tree = scene.evaluator.tree(site.path)
    sides = [tree.child(site.node, Role.LEFT), tree.child(site.node, Role.RIGHT)]
    if any(tree.kinds[side] == Kind.BINARY for side in sides):
        return OpaqueExpression()
    parts = tuple(expression(scene, Site(site.path, side, site.context, site.when)) for side in sides)
    if not any(isinstance(part, Column) for part in parts):
        return scene.value(site)
    return Function(tree.value(site.node), parts)


def order(scene: Scene, site: Site, read: Callable[[Scene, Site], Expression] | None = None) -> Order:
    """One sort key with what is said of it (`User.name.desc().nulls_last()`, `desc(User.name)`). `read` reads the key,
    where the library has other words for columns."""
    tree = scene.evaluator.tree(site.path)
    said: set[str] = set()
    node = site.node
    while tree.kinds[node] == Kind.UNARY and tree.value(node) in SIGNED:
        said.add(SIGNED[tree.value(node)])
        node += 1
    while tree.kinds[node] == Kind.CALL and tree.value(node + 1) in SORTED:
        given = tree.child(node, Role.ARGUMENT)
        if given < 0 and tree.kinds[node + 1] != Kind.ATTRIBUTE:
            break
        said.add(SORTED[tree.value(node + 1)])
        node = given if given >= 0 else node + 2
    nulls = next((word for word in ("first", "last") if word in said), "")
    key = (read or expression)(scene, Site(site.path, node, site.context, site.when))
    return Order(key, "descending" in said, nulls)


def _of_columns(scene: Scene, owner: Held, name: str, site: Site) -> Column | None:
    """A column by its name or key, of a table that is no class, or of what a statement selects."""
    inner = Site(site.path, site.node + 1, site.context)
    if not isinstance(owner, Instance) or scene.columns_of is None or not _stands(scene, owner, "each"):
        return None
    model = next((value for _, value in owner.arguments if isinstance(value, ProjectClass)), None)
    if model is not None:
        return Column(scene.column(name), scene.evaluator.tree(model.path).value(model.node))
    return Column(name, scene.columns_of(owner, inner))


def _model(scene: Scene, site: Site) -> Star | None:
    """All columns of a model."""
    value = scene.evaluator.value(site.path, site.node, site.context)
    return Star(scene.evaluator.classes.class_name(value)) if isinstance(value, ProjectClass) else None


def _whole(scene: Scene, site: Site) -> Star | None:
    """All columns of a table that is no class, or of what a statement selects."""
    value = scene.evaluator.value(site.path, site.node, site.context)
    if not isinstance(value, Instance) or scene.columns_of is None or not _stands(scene, value, "all"):
        return None
    return Star(scene.columns_of(value, site))


def _stands(scene: Scene, value: Instance, word: str) -> bool:
    types = scene.evaluator.tables.types
    return any(types[cls.name].columns == word for cls in scene.evaluator.classes.library_types(value.cls))
