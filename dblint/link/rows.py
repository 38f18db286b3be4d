"""What a row of a table says that a call or a read gives."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member, Type
from dblint.link import hosts
from dblint.link.arguments import Site, find
from dblint.link.kept import SELF
from dblint.link.owned import Owned
from dblint.link.returns import TypeExpression, parse
from dblint.link.values import (
    NAMED,
    UNKNOWN,
    Alternatives,
    BoundMember,
    Class,
    Context,
    Expression,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ListOf,
    ProjectClass,
    Scalar,
    SchemaModel,
    Step,
    Unknown,
    Value,
    join,
    options,
    widen,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def _is_class(value: Value) -> bool:
    return isinstance(value, (LibraryClass, ProjectClass))


class Rows:
    """Answers what rows give. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.owned = Owned(evaluator)

    def constant(self, path: str) -> Value:
        """What a package's own object is (`django.db.connection`)."""
        library, row = self.evaluator.tables.functions[path]
        made = self.expression(parse(row.returns), None, LibraryClass(f"{library}:"), "", -1, None, None)
        if not isinstance(made, Instance):
            return made
        steps = (Step(row, path, "", -1),) if row.text is not None else ()  # a piece of text says what it is
        return replace(made, how=(f"imported {path}",), steps=steps)

    def _keeps(self, cls: LibraryClass) -> bool:
        """Whether a value of the type keeps what its members run, to send it with others."""
        return self.evaluator.tables.types[cls.name].batches == "flush"

    def row_of(self, value: BoundMember | LibraryFunction) -> Member | None:
        """The row of a member or function."""
        if isinstance(value, LibraryFunction):
            return self.evaluator.tables.functions[value.path][1]
        return self.evaluator.tables.row(value.owner, value.name)

    def call_member(self, callee: BoundMember, path: str, node: int, context: Context | None) -> Value:
        """What calling a table's member gives."""
        row = self.row_of(callee)
        if row is None:
            return replace(callee.receiver, open=True)
        return self.result(row, callee.receiver, callee.name, path, node, context)

    def result(
        self,
        row: Member,
        receiver: Instance | None,
        name: str,
        path: str,
        node: int,
        context: Context | None,
        through: Class | None = None,
    ) -> Value:
        """What a row's `returns` gives for a call at `node` (or a read, with node -1)."""
        if not row.returns:
            return UNKNOWN
        step = Step(row, name, path, node, context) if node >= 0 or row.attribute else None
        cls = (
            self.evaluator.classes.library_types(receiver.cls)[0]
            if receiver is not None and self.evaluator.classes.library_types(receiver.cls)
            else None
        )
        if receiver is not None and row.run and cls is not None and self._keeps(cls):
            return self._stepped(receiver, row, receiver, step, name)  # it keeps what it was told, and gives itself
        owner = through if through is not None else (receiver.cls if receiver is not None else None)
        returns = parse(row.returns)
        made = self.expression(returns, receiver, cls, path, node, context, owner)
        if returns.prefix in ("own", "argument", "made-with") and row.where is not None and step is not None:
            return join([self._further(option, step) for option in options(made)])
        if returns.prefix in ("own", "cast", "made-with"):
            return made  # it was made elsewhere, with steps of its own
        if returns.prefix == "argument" and receiver is None and step is not None:
            return join([self._further(option, step) for option in options(made)])
        if isinstance(made, Alternatives):
            return join([self._stepped(option, row, receiver, step, name) for option in made.options])
        return self._stepped(made, row, receiver, step, name)

    def _is_model(self, cls: Class) -> bool:
        types = self.evaluator.tables.types
        return any(types[base.name].declares for base in self.evaluator.classes.library_types(cls))

    def _further(self, given: Value, step: Step) -> Value:
        """What a function gives back of what it was given: a query, with the call as its next step."""
        if not isinstance(given, Instance) or not (given.steps or step.member.where is not None):
            return given
        steps, opened = given.stepped(step)
        return replace(given, steps=steps, open=opened)

    def _stepped(self, made: Value, row: Member, receiver: Instance | None, step: Step | None, name: str) -> Value:
        """What a row gives, with the call as the last step of its chain."""
        if not isinstance(made, Instance) or step is None:
            return made
        model = self._is_model(made.cls)
        if (isinstance(made.cls, ProjectClass) and (row.run or model)) or (row.run and model):
            return made  # a row of the table: what found it is no part of what it does
        if receiver is None:
            return replace(made, steps=(step,), how=made.how or (f"{name}()",), open=False)
        steps, opened = receiver.stepped(step)
        if made is receiver:
            return replace(receiver, steps=steps, open=opened)
        return replace(
            made,
            steps=steps,
            how=made.how or receiver.how or (f"{name}()",),
            connection=made.connection or receiver.connection,
            open=opened,
        )

    def library_of(self, value: BoundMember | LibraryFunction) -> str:
        """The library whose row a member or function is."""
        if isinstance(value, LibraryFunction):
            return self.evaluator.tables.functions[value.path][0]
        return self.evaluator.tables.library(value.owner)

    def made(self, text: str, library: str) -> Value:
        """What a word of the `returns` language means in a library's table, for no receiver."""
        made = self.expression(parse(text), None, LibraryClass(f"{library}:"), "", -1, None, None)
        return replace(made, how=(f"given by {library}",)) if isinstance(made, Instance) else made

    def given(self, text: str, library: str, path: str, node: int) -> Value:
        """What a word of the `returns` language means in a library's table for a call, as of no receiver."""
        made = self.expression(parse(text), None, LibraryClass(f"{library}:"), path, node, None, None)
        return replace(made, how=(f"injected by {library}",)) if isinstance(made, Instance) else made

    def word(self, text: str, receiver: Instance | None, path: str, node: int, context: Context | None) -> Value:
        """What a word of the `returns` language means for a receiver; "" for cannot say."""
        if not text:
            return UNKNOWN
        cls = (
            self.evaluator.classes.library_types(receiver.cls)[0]
            if receiver is not None and self.evaluator.classes.library_types(receiver.cls)
            else None
        )
        made = self.expression(
            parse(text), receiver, cls, path, node, context, receiver.cls if receiver is not None else None
        )
        if isinstance(made, Instance) and receiver is not None and not made.how:
            return replace(made, how=receiver.how, connection=receiver.connection)
        return made

    def expression(
        self,
        expression: TypeExpression,
        receiver: Instance | None,
        cls: LibraryClass | None,
        path: str,
        node: int,
        context: Context | None,
        owner: Value | None,
    ) -> Value:
        """What an expression of the `returns` language means: `receiver` is what the member is of, `cls` the
        library type whose words it uses, `node` the call (-1: none), `owner` the class it is read through."""
        evaluator = self.evaluator
        if expression.listed:
            inner = replace(expression, listed=False)
            return ListOf(self.expression(inner, receiver, cls, path, node, context, owner))
        name = expression.name
        if expression.prefix == "entity":
            number, _, otherwise = name.partition("=")
            model = self._entity(self.argument(path, node, int(number), context))
            if model is not None:
                return evaluator.annotations.instance_of(model, "")
            return Scalar(otherwise) if otherwise else UNKNOWN
        if expression.prefix in ("named", "setting"):
            if expression.prefix == "named":
                return self._named(name, cls, path, node, context)
            return self._set(name, self._library_of("", cls, path, node, context).partition(":")[0])
        if expression.prefix == "row-of-setting":
            models = self._set(name, self._library_of("", cls, path, node, context).partition(":")[0])
            return join([evaluator.annotations.instance_of(model, "") for model in options(models)])
        if expression.prefix == "own":
            names, _, otherwise = name.partition("=")
            held = self.owned.first(names.split("|"), receiver)
            if not otherwise or not isinstance(held, Unknown):
                return held
            return self.expression(parse(otherwise), receiver, cls, path, node, context, owner)
        if expression.prefix == "made-with":
            return self.owned.made_with(name, receiver, cls, owner)
        if expression.prefix == "instance-of-own":
            names, _, otherwise = name.partition("=")
            classes = self.owned.classes(names, receiver)
            if not classes and otherwise:
                return self.expression(parse(otherwise), receiver, cls, path, node, context, owner)
            return join([evaluator.annotations.instance_of(each, "") for each in classes]) if classes else UNKNOWN
        if expression.prefix == "row-of-own":
            query = self.owned.query(name, receiver)
            return evaluator.elements.element(query) if query is not None else UNKNOWN
        if expression.prefix == "member":
            return self._member(name, receiver, path, node, context)
        if expression.prefix == "subclass":
            return self._subclass(name, cls, path, node, context)
        if expression.prefix == "rows-of-related":
            return self._rows_of_related(name, receiver, path, node, context)
        if expression.prefix == "entered":
            return evaluator.elements.entered(self.argument(path, node, int(name), context))
        if expression.prefix == "element":
            return evaluator.elements.element(self.argument(path, node, int(name), context))
        if expression.prefix == "cast":
            return self._cast(name, path, node, context)
        if expression.prefix == "class-of":
            return self.class_of(self.argument(path, node, int(name), context))
        if expression.prefix == "handed":
            written = self._typed(0, path, node, context)
            resolved = evaluator.executors.handed(self.argument(path, node, int(name), context))
            return written if isinstance(resolved, Unknown) and written is not None else resolved
        if expression.prefix == "partial":
            given = self.argument(path, node, int(name), context)
            return join([self._partial(option, int(name), path, node, context) for option in options(given)])
        if expression.prefix == "result":
            places, _, otherwise = name.partition("=")
            handed = [
                option
                for place in places.split("|")
                for option in options(self.argument(path, node, int(place), context))
            ]
            if otherwise and not any(isinstance(option, (FunctionValue, ProjectClass)) for option in handed):
                return self.expression(parse(otherwise), receiver, cls, path, node, context, owner)
            results = [self._called(option) for option in handed]
            if node >= 0 and evaluator.javascript(path):  # who runs a function waits for what it gives
                results = [evaluator.elements.awaited(option) for each in results for option in options(each)]
            return join(results) if results else UNKNOWN
        if expression.prefix in ("argument", "instance"):
            number, _, otherwise = name.partition("=")
            there = self.argument(path, node, int(number), context)
            if expression.prefix == "argument":
                return there
            one = join([self._one_of(option) for option in options(there)])
            return Scalar(otherwise) if otherwise and isinstance(one, Unknown) else one
        if name == "self":
            return receiver if receiver is not None else UNKNOWN
        if name in ("scalar", "none", "row", "dialect"):
            return Scalar(name)
        if name == "unknown":
            return UNKNOWN
        if name == "element" and receiver is not None:
            return self.evaluator.elements.element(receiver)
        if name.isdigit():
            return self.argument(path, node, int(name), context)
        name, _, otherwise = name.partition("=")
        parameter = self._parameter(name, receiver, owner)
        if isinstance(parameter, Unknown) and otherwise:
            parameter = None  # a type parameter that nothing fills
        if parameter is None and otherwise == "row":
            return Scalar(otherwise)
        if parameter is None and otherwise:
            name = otherwise
        if parameter is not None:
            if expression.prefix == "class":
                return parameter
            return (
                evaluator.annotations.instance_of(parameter, name)
                if isinstance(parameter, (LibraryClass, ProjectClass))
                else Scalar("row")
            )
        full = name if ":" in name else self._library_of(name, cls, path, node, context)
        if full not in evaluator.tables.types:
            return UNKNOWN
        row = evaluator.tables.types[full]
        arguments: list[tuple[str, Value]] = []
        for parameter_name, argument in zip(row.parameters, expression.arguments, strict=False):
            value = self._argument_value(argument, receiver, cls, path, node, context, owner)
            if value is not None:
                arguments.append((parameter_name, value))
        made: list[Value] = []
        for combination in product(*([(key, option) for option in options(value)] for key, value in arguments)):
            if expression.prefix != "class" and row.scalar:
                made.append(Scalar(row.scalar))
            elif expression.prefix != "class":
                base = tuple(pair for pair in combination if row.base and pair[0] == row.base)
                made.append(Instance(LibraryClass(full, base), combination))
            elif row.declares and (own := self._described(row, combination)) is not None:
                made.append(own)
            else:
                made.append(LibraryClass(full, combination))
        return join(made)

    def _subclass(self, text: str, cls: LibraryClass | None, path: str, node: int, context: Context | None) -> Value:
        """The class that a call makes (`subclass:X/S`), or names that another one makes (`subclass:X/S/N`, where it
        has no argument N)."""
        base, slot, needed = (*text.split("/"), "", "")[:3]
        full = base if ":" in base else self._library_of(base, cls, path, node, context)
        if node < 0 or full not in self.evaluator.tables.types:
            return UNKNOWN
        names = self._texts(slot, path, node, context) if slot else []
        if needed and sum(1 for _ in self.evaluator.tree(path).with_role(node, Role.ARGUMENT)) <= int(needed):
            relations = self.evaluator.relations
            found = [relations.called(name) for name in names] if relations is not None else []
            return join([each for each in found if each is not None]) if any(found) else UNKNOWN
        called = "" if slot else self.evaluator.parameters.assigned_name(path, node)
        return self.evaluator.classes.made(path, node, LibraryClass(full), names[0] if len(names) == 1 else called)

    def _rows_of_related(
        self, slot: str, receiver: Instance | None, path: str, node: int, context: Context | None
    ) -> Value:
        """A row, or the rows, of the relation of the receiver that an argument names."""
        relations, names = self.evaluator.relations, self._texts(slot, path, node, context)
        if relations is None or receiver is None or len(names) != 1:
            return UNKNOWN
        related = relations.relation(receiver.cls, names[0])
        if related is None:
            return UNKNOWN
        row = self.evaluator.annotations.instance_of(related.model, related.name)
        return ListOf(row) if related.many else row

    def _cast(self, slots: str, path: str, node: int, context: Context | None) -> Value:
        """What a call gives that says itself of which type it is (`cast(T, x)`); the type may be written as a text."""
        written, _, given = slots.partition("/")
        value = self.argument(path, node, int(given), context)
        types = list(self.evaluator.tree(path).with_role(node, Role.ARGUMENT)) if node >= 0 else []
        return self.evaluator.cast(value, path, types[int(written)], context) if len(types) > int(written) else value

    def _described(self, row: Type, arguments: tuple[tuple[str, Value], ...]) -> LibraryClass | None:
        """The model that a class stands for, where a table describes that one: its managers come with it."""
        model = dict(arguments).get(row.model)
        if isinstance(model, LibraryClass) and self.evaluator.tables.types[model.name].table:
            return model
        return None

    def _named(self, slots: str, cls: LibraryClass | None, path: str, node: int, context: Context | None) -> Value:
        """The model classes that a call's arguments name (`named:0|label/1|name=Model`)."""
        slots, _, otherwise = slots.partition("=")
        evaluator = self.evaluator
        label_at, _, name_at = slots.partition("/")
        given = [option for option in options(self.argument(path, node, 0, context)) if _is_class(option)]
        if given:
            return join(given)  # a row of another table said what the name stands for
        labels = self._texts(label_at, path, node, context)
        names = self._texts(name_at, path, node, context)
        if len(labels) > 1 and len(names) > 1:
            labels, names = [], []  # which of them go together is not known
        pairs = [(label, name) for label in labels for name in names]
        if labels and not names:
            pairs = [(label, name) for text in labels for label, _, name in [text.partition(".")] if name]
        found: list[Value] = [model for label, name in pairs if (model := evaluator.applications.model(label, name))]
        if len(found) < len(pairs) or not pairs:
            full = otherwise if ":" in otherwise else self._library_of(otherwise, cls, path, node, context)
            found.append(LibraryClass(full) if full in evaluator.tables.types else UNKNOWN)
        return join(found)

    def _member(
        self, positions: str, receiver: Instance | None, path: str, node: int, context: Context | None
    ) -> Value:
        """`getattr(value, "name", otherwise)`, `value.get("name", otherwise)`, `variable.get(otherwise)`."""
        places = positions.split("/")
        of: Value = receiver or UNKNOWN
        if places[0] != SELF:
            of = self.argument(path, node, int(places[0]), context)
        otherwise = self.argument(path, node, int(places[2]), context)
        if not places[1]:
            held = [self.evaluator.kept.content(option) for option in options(of)]
            known: list[Value] = [value for value in held if not isinstance(value, Unknown)] or [
                self._declared(receiver)
            ]
            return join([*known, otherwise])
        name = self.argument(path, node, int(places[1]), context)
        names = [text for option in options(name) if (text := self._text(option))]
        found = [self.evaluator.members.attribute(of, text, path) for text in names]
        return join([*found, otherwise] if names else [*map(self._by_any_name, options(of)), otherwise])

    def _by_any_name(self, value: Value) -> Value:
        """What a value gives for a name that is not known, where it gives something for any."""
        for cls in self.evaluator.classes.library_types(value.cls) if isinstance(value, Instance) else ():
            if isinstance(value, Instance) and self.evaluator.tables.types[cls.name].named:
                return self.evaluator.members.named(value, cls, "")
        handed = self.evaluator.members.handed_on(value, "") if isinstance(value, Instance) else None
        return handed or UNKNOWN

    def _declared(self, holder: Instance | None) -> Value:
        """An instance of what a type says that it holds one of: its first type parameter."""
        for cls in self.evaluator.classes.library_types(holder.cls) if holder is not None else ():
            for name in self.evaluator.tables.types[cls.name].parameters[:1]:
                held = self.parameter(name, holder) if holder is not None else None
                return self.evaluator.annotations.instance_of(held, name) if held is not None else UNKNOWN
        return UNKNOWN

    def _called(self, value: Value) -> Value:
        """What calling a value gives: a function of the project, a class, an instance that can be called."""
        evaluator = self.evaluator
        if isinstance(value, Instance) and isinstance(value.cls, ProjectClass):
            held = evaluator.members.attribute(value, hosts.CALLED, value.cls.path)
            value = held if isinstance(held, FunctionValue) else UNKNOWN
        if isinstance(value, FunctionValue):
            context = Context(value.node, value.path, value.receiver, value.bound, value.context)
            return evaluator.returned(value, context)
        return evaluator.annotations.instance_of(value, "") if _is_class(value) else UNKNOWN

    def _partial(self, value: Value, at: int, path: str, node: int, context: Context | None) -> Value:
        """A function that got its first arguments: those behind itself in the call."""
        if not isinstance(value, FunctionValue):
            return value
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        given, bound = value.given, list(value.bound)
        for position, argument in enumerate(tree.with_role(node, Role.ARGUMENT)):
            kind = tree.kinds[argument]
            if kind == Kind.SPREAD:
                break
            name, held = "", argument
            if kind == Kind.KEYWORD:
                name, held = tree.value(argument), tree.child(argument, Role.VALUE)
            elif position > at:
                parameter = evaluator.parameters.parameter_at(value, given)
                name = evaluator.tree(value.path).value(parameter) if parameter >= 0 else ""
                given += 1
            carried = evaluator.parameters.carried(evaluator.value(path, held, context)) if name else None
            bound += [(name, carried)] if carried is not None else []
        return replace(value, given=given, bound=tuple(bound))

    def _one_of(self, value: Value) -> Value:
        """An instance of a class, or a row of what gives rows of it."""
        row = self.evaluator.elements.element(value) if isinstance(value, Instance) else UNKNOWN
        return self.evaluator.annotations.instance_of(value, "") if isinstance(row, Unknown) else row

    def class_of(self, value: Value) -> Value:
        """The class of which a value is an instance."""
        found: list[Value] = [
            option.cls if option.cls.arguments else LibraryClass(option.cls.name, option.arguments)
            for option in options(value)
            if isinstance(option, Instance) and isinstance(option.cls, LibraryClass)
        ]
        found += [
            self._any_below(option.cls) if option.virtual else option.cls
            for option in options(value)
            if isinstance(option, Instance) and isinstance(option.cls, ProjectClass)
        ]
        return join(found) if found else UNKNOWN

    def _any_below(self, cls: ProjectClass) -> Value:
        """The class of what a mixin's method is called on: itself where it is a library's, else one that mixes it
        in."""
        classes = self.evaluator.classes
        if classes.library_types(cls):
            return cls
        below: list[Value] = [each for each in classes.subclasses(cls) if classes.library_types(each)]
        found = widen(below, classes.lineage) if below else UNKNOWN
        return cls if isinstance(found, Unknown) else join([cls, *options(found)])

    def _texts(self, at: str, path: str, node: int, context: Context | None) -> list[str]:
        """The strings that an argument can be; none where one of them cannot be said."""
        found: list[str] = []
        if not at or node < 0:
            return found
        for site in find(self.evaluator, at, Site(path, node, context)).sites:
            texts = self.texts(site.path, site.node, site.context)
            if not texts:
                return []
            found += texts
        return found

    def texts(self, path: str, node: int, context: Context | None) -> list[str]:
        """The strings that an expression can be; none where one of them cannot be said."""
        texts = [self._text(option) for option in options(self.evaluator.value(path, node, context))]
        return texts if all(texts) else []

    def _text(self, value: Value) -> str:
        if isinstance(value, Scalar):
            return value.text
        if not isinstance(value, Expression):
            return ""
        tree = self.evaluator.tree(value.path)
        return tree.value(value.node) if tree.kinds[value.node] == Kind.STRING else ""

    def _set(self, text: str, library: str) -> Value:
        """The model class that a setting names (`setting:NAME=app.Model`); `library:NAME`: one of another library's."""
        name, _, otherwise = text.partition("=")
        other, _, name = name.rpartition(":")
        library = other or library
        evaluator = self.evaluator
        types = evaluator.tables.libraries[library].types.values() if library else ()
        marker = next((row.settings for row in types if row.settings), "")
        values = [evaluator.value(path, node) for path, node in evaluator.applications.setting(marker, name)]
        texts = [self._text(option) for value in values for option in options(value)] or [otherwise]
        found: list[Value] = []
        for written in dict.fromkeys(texts):
            label, _, model = written.partition(".")
            found.append(evaluator.applications.model(label, model) or UNKNOWN)
        return join(found)

    def _library_of(self, name: str, cls: LibraryClass | None, path: str, node: int, context: Context | None) -> str:
        """The full name of a type that a row names: of the row's own table, or of one that its type extends."""
        if cls is not None:
            tables = self.evaluator.tables
            for ancestor in tables.lineages.get(cls.name, (cls.name,)):
                full = f"{ancestor.partition(':')[0]}:{name}"
                if full in tables.types:
                    return full
            return f"{cls.name.partition(':')[0]}:{name}"
        if node >= 0:
            callee = self.evaluator.value(path, node + 1, context)
            for option in options(callee):
                if isinstance(option, LibraryFunction):
                    return f"{self.evaluator.tables.functions[option.path][0]}:{name}"
        return name

    def _argument_value(
        self,
        argument: TypeExpression,
        receiver: Instance | None,
        cls: LibraryClass | None,
        path: str,
        node: int,
        context: Context | None,
        owner: Value | None,
    ) -> Value | None:
        if argument.prefix == "name":
            names = self._texts(argument.name, path, node, context)
            return join([SchemaModel(name, NAMED) for name in names]) if names else None
        if argument.prefix == "related":
            return self._related(argument.name, owner, path, node, context)
        if argument.prefix == "typed":
            return self._typed(int(argument.name), path, node, context)
        if argument.prefix == "declared":
            return self._entry_class(argument.name, owner)
        if argument.name.isdigit() and not argument.prefix:
            given = self.argument(path, node, int(argument.name), context)
            return self._model_of(given)
        parameter = self._parameter(argument.name, receiver, owner)
        if parameter is not None:
            return parameter
        if argument.name == "model" and isinstance(owner, (SchemaModel, ProjectClass)):
            return owner
        if argument.name == "Self":
            return owner
        if len(argument.name) == 1 and argument.name.isupper():
            return None
        if argument.prefix == "entity":
            return self._entity(self.argument(path, node, int(argument.name), context))
        made = self.expression(argument, receiver, cls, path, node, context, owner)
        if argument.prefix in ("named", "setting"):
            return made
        return made.cls if isinstance(made, Instance) else None

    def _typed(self, position: int, path: str, node: int, context: Context | None) -> Value | None:
        """What is of the type that a call is written with; of a function that stands there, what it gives."""
        evaluator = self.evaluator
        written = list(evaluator.tree(path).with_role(node, Role.TYPE_ARGUMENT)) if node >= 0 else []
        if len(written) <= position:
            return None
        found = [
            self._called(option) if isinstance(option, FunctionValue) else option
            for option in options(evaluator.annotations.annotation(path, written[position], context))
        ]
        return join(found) if found and not any(isinstance(each, Unknown) for each in found) else None

    def _related(self, at: str, owner: Value | None, path: str, node: int, context: Context | None) -> Value | None:
        """The model to which the relation leads that a text names."""
        known = self.evaluator.relations
        names = self._texts(at, path, node, context)
        model = self.evaluator.classes.behind(owner) if isinstance(owner, (LibraryClass, ProjectClass)) else None
        if known is None or model is None or not names:
            return None
        found = [related.model for name in names if (related := known.relation(model, name)) is not None]
        return join(found) if len(found) == len(names) and all(map(_is_class, found)) else None

    def _entity(self, given: Value) -> Value | None:
        """The model whose rows a statement selects, and nothing else of them; one that branches make, each of them."""
        if not isinstance(given, Instance) or given.open:
            return None
        models: list[Value] = []  # of each place where a statement is begun: branches begin one each
        for step in given.steps:
            row = step.member
            if row.columns is None or row.columns.reader != "operators" or step.node < 0:
                continue
            found = find(self.evaluator, row.columns.at, Site(step.path, step.node, step.context))
            if found.open or not row.builds or len(found.sites) != 1:
                return None
            models += [self.evaluator.value(site.path, site.node, site.context) for site in found.sites]
        model = models[0] if models and all(other == models[0] for other in models) else None
        return model if isinstance(model, ProjectClass) else None

    def _entry_class(self, name: str, owner: Value | None) -> Value | None:
        """The class that an entry of a mapping holds which a class, or a base of it, keeps under a name."""
        attribute, _, key = name.partition("/")
        members = self.evaluator.members
        for cls in self.evaluator.classes.mro(owner) if isinstance(owner, ProjectClass) else ():
            mapping = members.attribute(cls, attribute, cls.path) if isinstance(cls, ProjectClass) else UNKNOWN
            if isinstance(mapping, Expression):
                held = members.attribute(mapping, key, mapping.path)
                if isinstance(held, (ProjectClass, LibraryClass)):
                    return held
        return None

    def _model_of(self, given: Value) -> Value | None:
        """The model that an argument names: a class, or a class behind a column of it."""
        classes: list[Value] = [option for option in options(given) if isinstance(option, (ProjectClass, LibraryClass))]
        if classes:
            return join(classes)
        for option in options(given):
            if isinstance(option, Instance) and isinstance(option.cls, ProjectClass):
                return option.cls
            if isinstance(option, Expression) and self.evaluator.javascript(option.path):
                tree = self.evaluator.tree(option.path)
                if tree.kinds[option.node] == Kind.STRING:
                    return SchemaModel(tree.value(option.node))  # a model by its name
        return None

    def _parameter(self, name: str, receiver: Instance | None, owner: Value | None) -> Value | None:
        if name == "Self":
            return owner if isinstance(owner, (LibraryClass, ProjectClass, SchemaModel)) else None
        return self.parameter(name, receiver) if receiver is not None else None

    def parameter(self, name: str, receiver: Instance) -> Value | None:
        """What a type parameter of the receiver's library type holds, filled there or by a class on the way."""
        value = receiver.argument(name)
        if value is not None:
            return value
        for ancestor in self.evaluator.classes.mro(receiver.cls):
            if isinstance(ancestor, LibraryClass):
                for key, bound in ancestor.arguments:
                    if key == name:
                        return bound
        return self._set_later(name, receiver) if receiver.connection else None

    def _set_later(self, name: str, receiver: Instance) -> Value | None:
        """The class that the program says by setting an attribute of an object (`manager.model = Book`)."""
        for cls in self.evaluator.classes.library_types(receiver.cls):
            row = self.evaluator.tables.types[cls.name]
            if row.bound_by and row.bind == name:
                put = options(self.evaluator.kept.attribute(receiver, row.bound_by))
                if len(put) == 1 and isinstance(put[0], (ProjectClass, LibraryClass)):
                    return put[0]
        return None

    def argument(self, path: str, node: int, position: int, context: Context | None) -> Value:
        """The value of a call's positional argument (or of its only type argument, when it has none)."""
        if node < 0:
            return UNKNOWN
        tree = self.evaluator.tree(path)
        seen = 0
        for argument in tree.with_role(node, Role.ARGUMENT):
            if tree.kinds[argument] in (Kind.KEYWORD, Kind.SPREAD):
                continue
            if seen == position:
                return self.evaluator.value(path, argument, context)
            seen += 1
        return UNKNOWN

    def construct(self, cls: LibraryClass, path: str, node: int, context: Context | None) -> Value:
        """What calling a library's class gives."""
        plain = self.evaluator.tables.types[cls.name].scalar
        if plain:
            return Scalar(plain)
        row = self.evaluator.tables.types[cls.name].construct
        written = list(self.evaluator.tree(path).with_role(node, Role.TYPE_ARGUMENT))
        if written and not cls.arguments:
            filled = self.evaluator.classes.parametrised(cls, path, written, context)
            cls = filled if isinstance(filled, LibraryClass) else cls
        how = (f"new {self.evaluator.classes.class_name(cls)}() in {path}",)
        if row is not None and row.returns:
            made = self.expression(parse(row.returns), Instance(cls, cls.arguments), cls, path, node, context, cls)
            if isinstance(made, Instance):
                return replace(made, how=how, steps=(Step(row, "()", path, node, context),))
            return made
        steps = (Step(row, "()", path, node, context),) if row is not None else ()
        return Instance(cls, cls.arguments, how=how, steps=steps, connection=f"{path}:{node}")

    def construct_own(self, cls: ProjectClass, path: str, node: int, context: Context | None) -> Instance:
        """What calling a class of the project gives; a library's class behind it says what its arguments bind."""
        classes = self.evaluator.classes
        how = (f"an instance of {classes.class_name(cls)} ({cls.path})",)
        for base in classes.library_types(cls):
            row = self.evaluator.tables.types[base.name].construct
            if row is not None and row.returns:
                made = self.expression(
                    parse(row.returns), Instance(cls, base.arguments), base, path, node, context, cls
                )
                steps = (Step(row, "()", path, node, context),) if row.builds else ()
                return Instance(cls, made.arguments if isinstance(made, Instance) else (), steps, how=how)
            if row is not None and row.query is not None:
                given = self.evaluator.constructors.given(cls, path, node, context)
                return Instance(cls, (), (Step(row, "()", path, node, context),), how=how, made=given)
        return Instance(cls, how=how, made=self.evaluator.constructors.given(cls, path, node, context))

    def call_instance(self, value: Instance, path: str, node: int, context: Context | None) -> Value:
        """What calling an instance gives (`knex('users')`, `sessionmaker()()`)."""
        for cls in self.evaluator.classes.library_types(value.cls):
            row = self.evaluator.tables.types[cls.name].call
            if row is not None:
                return self.result(row, value, "()", path, node, context)
        return UNKNOWN
