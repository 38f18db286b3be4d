"""Where Sequelize's models are declared: by `define`, by `init`, or by decorators (sequelize-typescript)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries, find
from dblint.link.model_readers.shared import Surroundings
from dblint.link.model_readers.typeorm_members import Mark, Member, Members
from dblint.link.values import Expression, LibraryClass, ProjectClass, Super, Value, options

TYPESCRIPT = "sequelize-typescript#"
COLUMNS = frozenset("Column CreatedAt UpdatedAt DeletedAt ForeignKey PrimaryKey AutoIncrement".split())
ASSOCIATIONS: Mapping[str, tuple[str, bool]] = {
    "belongsTo": ("to-one", True),
    "hasOne": ("to-one", False),
    "hasMany": ("to-many", False),
    "belongsToMany": ("many-to-many", False),
}
"""Methods of models that declare a relation → its kind, and whether its key stands in the model's own rows."""
DECORATED = {word[:1].upper() + word[1:]: word for word in ASSOCIATIONS}
"""sequelize-typescript's decorators that do the same."""


class Attribute(msgspec.Struct, frozen=True):
    """An attribute of a model. `given`: its options; `site`: where it stands, a type by itself or an object."""

    name: str
    site: Site
    given: Mapping[str, Site] = msgspec.field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    member: Member | None = None


class Declaration(msgspec.Struct, frozen=True):
    """What is said of a model: its name, its attributes, its options."""

    model: ProjectClass
    name: str
    attributes: tuple[Attribute, ...] = ()
    options: Mapping[str, Site] = msgspec.field(default_factory=dict)
    complete: bool = True
    marks: tuple[Mark, ...] = ()


class Association(msgspec.Struct, frozen=True):
    """A relation as a call or decorator declares it."""

    word: str
    owner: ProjectClass
    target: Value | None
    site: Site
    options: Mapping[str, Site] = msgspec.field(default_factory=dict)
    named: str = ""
    """The property that the decorator stands at."""
    key: Site | None = None
    """The foreign key, where it stands by itself."""
    through: Site | None = None
    other: Site | None = None


class Declarations:
    """Finds them. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.members = Members(surroundings, TYPESCRIPT)
        self._calls: dict[tuple[str, int], Site] | None = None
        self._found: dict[ProjectClass, Declaration | None] = {}
        self._defaults: Mapping[str, Site] | None = None

    def of(self, model: ProjectClass) -> Declaration | None:
        """What declares a model; None where nothing does (a base, a mixin)."""
        key = ProjectClass(model.path, model.node)
        return self.evaluator.once(self._found, key, self._of)

    def _of(self, model: ProjectClass) -> Declaration | None:
        tree = self.evaluator.tree(model.path)
        if tree.kinds[model.node] == Kind.CALL:
            return self._by_call(model, Site(model.path, model.node, None), "1", "2")
        call = self._inits().get((model.path, model.node))
        if call is not None:
            return self._by_call(model, call, "0", "1")
        return self._decorated(model)

    # By calls

    def _inits(self) -> Mapping[tuple[str, int], Site]:
        """Class → the call of `init` that declares it."""
        if self._calls is None:
            found: dict[tuple[str, int], Site] = {}
            with self.evaluator.partial() as partial:
                for path, call in self.evaluator.words.called("init"):
                    if self.evaluator.javascript(path):
                        for cls in self._owners(path, call):
                            found.setdefault((cls.path, cls.node), Site(path, call, None))
            if partial and self.evaluator.depth():
                return found
            self._calls = found
        return self._calls

    def _owners(self, path: str, call: int) -> Iterator[ProjectClass]:
        """The models on which a call's method is called."""
        tree = self.evaluator.tree(path)
        owner = tree.child(call + 1, Role.OBJECT)
        for option in options(self.evaluator.value(path, owner)) if owner >= 0 else ():
            held = option.receiver if isinstance(option, Super) else option
            if not isinstance(held, ProjectClass) or not self.is_model(held):
                continue
            # A class's own `init` declares nothing: what it calls behind itself does.
            behind = isinstance(option, Super)
            if behind or not isinstance(self.evaluator.classes.owner(held, "init"), ProjectClass):
                yield ProjectClass(held.path, held.node)

    def is_model(self, cls: ProjectClass) -> bool:
        """Whether a class extends Sequelize's model."""
        types = self.evaluator.tables.types
        return any(
            types[base.name].declares == "sequelize"
            for base in self.evaluator.classes.mro(cls)
            if isinstance(base, LibraryClass)
        )

    def _by_call(self, model: ProjectClass, call: Site, attributes: str, settings: str) -> Declaration:
        given, more = self.given(call, settings)
        found, hidden = self.given(call, attributes)
        name = self.plain.string(given.get("modelName"))
        name = name or self.evaluator.classes.class_name(model)
        return Declaration(
            model,
            name,
            tuple(self._attribute(key, site) for key, site in found.items()),
            given,
            not hidden and not more,
        )

    def given(self, call: Site, at: str) -> tuple[dict[str, Site], bool]:
        """The entries of the object at a place of a call, and whether it may have more."""
        pairs: dict[str, Site] = {}
        hidden = False
        for site in find(self.evaluator, at, call).sites:
            some, more = entries(self.evaluator, site)
            pairs |= dict(some)
            hidden = hidden or more
        return pairs, hidden

    def _attribute(self, name: str, site: Site) -> Attribute:
        held = site
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Expression):
                held = Site(option.path, option.node, option.context)
        if self.evaluator.tree(held.path).kinds[held.node] == Kind.OBJECT:
            return Attribute(name, site, dict(entries(self.evaluator, held)[0]))
        return Attribute(name, site, {"type": site})

    # By decorators

    def _decorated(self, model: ProjectClass) -> Declaration | None:
        marks, known = self.members.marks(model.path, model.node)
        table = next((mark for mark in marks if mark.word == "Table"), None)
        if table is None:
            return None
        attributes: dict[str, Attribute] = {}
        complete = known and not table.open
        for cls in reversed(self.evaluator.classes.mro(model)):
            if not isinstance(cls, ProjectClass):
                continue
            for member in self.members.body(cls)[0]:
                if member.mark(*COLUMNS) is not None:
                    attributes[member.name] = self._marked(member)
        name = self.plain.string(table.options.get("modelName")) or self.evaluator.classes.class_name(model)
        return Declaration(model, name, tuple(attributes.values()), table.options, complete, marks)

    def _marked(self, member: Member) -> Attribute:
        given: dict[str, Site] = {}
        site = Site(member.owner.path, member.node, None)
        for mark in member.marks:
            given |= mark.options if mark.word == "Column" else {}
            if mark.word == "Column" and mark.arguments:
                given["type"] = mark.arguments[0]
            elif mark.word in ("AllowNull", "Default", "Comment") and mark.arguments:
                key = {"AllowNull": "allowNull", "Default": "defaultValue"}.get(mark.word, "comment")
                given[key] = mark.arguments[0]
        return Attribute(member.name, site, given, member.marks, member)

    # Associations

    def associations(self) -> list[Association]:
        """The relations that the program declares, those of calls first."""
        found: list[Association] = []
        for word in ASSOCIATIONS:
            for path, call in self.evaluator.words.called(word):
                if not self.evaluator.javascript(path):
                    continue
                site = Site(path, call, None)
                target = self.plain.argument(site, "0")
                given, _ = self.given(site, "1")
                if target is not None:
                    to = self._target(target)
                    found += [Association(word, owner, to, site, given) for owner in self._owners(path, call)]
        return found

    def decorated(self, model: ProjectClass) -> Iterator[Association]:
        """The relations that decorators of a model's properties declare."""
        for cls in reversed(self.evaluator.classes.mro(model)):
            for member in self.members.body(cls)[0] if isinstance(cls, ProjectClass) else ():
                mark = member.mark(*DECORATED)
                if mark is None or not mark.arguments:
                    continue
                target = self._target(self.members.body_of(mark.arguments[0]) or mark.arguments[0])
                rest = list(mark.arguments[1:])
                through = rest.pop(0) if mark.word == "BelongsToMany" and rest else None
                through = mark.options.get("through", through)
                key, other = (*rest, None, None)[:2]
                site = Site(member.owner.path, member.node, None)
                owner = ProjectClass(model.path, model.node)
                yield Association(
                    DECORATED[mark.word], owner, target, site, mark.options, member.name, key, through, other
                )

    def _target(self, site: Site | None) -> Value | None:
        """The model that an expression names: the class, or the only one that is called as its last word says
        (`models.Order`, `"Order"`)."""
        if site is None:
            return None
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, ProjectClass) and self.is_model(option):
                return ProjectClass(option.path, option.node)
        word = self.plain.word(site) or self.plain.string(site)
        return self.evaluator.relations.called(word) if self.evaluator.relations is not None and word else None

    def target(self, site: Site | None) -> Value | None:
        """The same, for one that a function may give."""
        return self._target(self.members.body_of(site) or site) if site is not None else None

    # What all models have

    def defaults(self) -> Mapping[str, Site]:
        """What is said of every model where the connection is made (`new Sequelize(…, { define: { … } })`), where all
        places say the same."""
        if self._defaults is None:
            said: list[dict[str, Site]] = []
            for path, call in self.evaluator.words.imported("Sequelize"):
                if not self.evaluator.javascript(path) or self.surroundings.quiet(path):
                    continue
                for at in ("0.define", "1.define", "2.define", "3.define"):
                    given, _ = self.given(Site(path, call, None), at)
                    if given:
                        said.append(given)
            shown = {tuple(sorted((key, self.plain.source(site)) for key, site in each.items())) for each in said}
            self._defaults = said[0] if len(shown) == 1 else {}
        return self._defaults
