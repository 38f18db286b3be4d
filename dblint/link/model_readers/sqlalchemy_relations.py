"""SQLAlchemy's relations: where `relationship(…)` leads, by which columns, and what the other end is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dblint.facts.program import FileRole
from dblint.facts.schema import Key, Relation
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.model_readers.shared import Related, arguments, place
from dblint.link.model_readers.sqlalchemy_attributes import Attribute
from dblint.link.values import UNKNOWN, ProjectClass, Unknown, Value, options

if TYPE_CHECKING:
    from dblint.link.model_readers.sqlalchemy import SqlAlchemyModels

ELSEWHERE = "sa_relationship_kwargs"
"""The argument of a relation that hands further ones on."""
LOADING = frozenset(
    {"joined", "selectin", "subquery", "immediate", "raise", "raise_on_sql", "noload", "dynamic", "write_only"}
)
"""Ways of loading that are worth telling: all but the usual one, when the attribute is read."""


class Relations:
    """Reads relations. One per reader."""

    def __init__(self, models: SqlAlchemyModels) -> None:
        self.models = models
        self.plain = models.plain
        self.evaluator = models.evaluator
        self._own: dict[ProjectClass, tuple[Related, ...]] = {}
        self._keys: dict[ProjectClass, tuple[tuple[str, Key], ...]] = {}
        self._classes: dict[str, list[ProjectClass]] | None = None

    def own(self, model: ProjectClass) -> tuple[Related, ...]:
        """The relations that a class declares or takes over from mixins."""
        found = self._own.get(model)
        if found is None:
            with self.evaluator.partial() as partial:
                attributes, _ = self.models.mapped(model)
                found = tuple(
                    self._related(model, attribute) for attribute in attributes.values() if attribute.kind == "relation"
                )
            if not partial:
                self._own[model] = found
        return found

    def relations(self, model: ProjectClass) -> dict[str, Related]:
        """The relations of a class by attribute, those of mapped bases too."""
        found: dict[str, Related] = {}
        for cls in self.evaluator.classes.mro(model):
            if isinstance(cls, ProjectClass) and (cls == model or self.models.name(cls)):
                for related in self.own(cls):
                    found.setdefault(related.name, related)
        return found

    def _related(self, model: ProjectClass, attribute: Attribute) -> Related:
        target = self._target(attribute)
        site = attribute.site
        keys = self._leading(model, target, site)
        other = self.models.behind(target) if isinstance(target, ProjectClass) else None
        through = site is not None and self._secondary(site) is not None
        many = through or self._many(attribute, model, target, keys)
        kind = "many-to-many" if through else "to-many" if many else "to-one"
        unsure = other is None or (not keys and not self._led(model, target))
        if unsure and not through and not self._said(attribute):
            kind, many = "", False
        forward = not many and not through and bool(keys)
        relation = Relation(
            attribute.name,
            self.models.name(other) if other is not None else "",
            kind,
            keys[0].columns if forward else (),
            keys[0].target_columns if forward else (),
            self._inverse(site),
            self._eager(site),
            place=place(self.evaluator, Site(attribute.owner.path, attribute.node, None)),
            ordered=site is not None and self.plain.argument(site, f"order_by|{ELSEWHERE}.order_by") is not None,
        )
        return Related(attribute.name, target, many, relation, model, query_name=attribute.name)

    def _led(self, model: ProjectClass, target: Value) -> bool:
        """Whether the target's keys lead here, or do not show because the names of tables are not known."""
        own = self.models.behind(model)
        other = self.models.behind(target) if isinstance(target, ProjectClass) else None
        if own is None or other is None or (self.models.named(own) and self.models.named(other)):
            return True
        return bool(self._leading(other, own, None))

    def _secondary(self, site: Site) -> Site | None:
        return self.plain.argument(site, f"secondary|1|link_model|{ELSEWHERE}.secondary")

    def _said(self, attribute: Attribute) -> bool:
        """Whether a relation says itself if it gives several rows."""
        site = attribute.site
        return attribute.annotation is not None or (
            site is not None and self.plain.argument(site, f"uselist|{ELSEWHERE}.uselist") is not None
        )

    def _many(self, attribute: Attribute, model: ProjectClass, target: Value, keys: Sequence[Key]) -> bool:
        """Whether an attribute gives several rows: its annotation says it, or that no key of this table leads
        there."""
        site = attribute.site
        listed = (
            self.plain.constant(self.plain.argument(site, f"uselist|{ELSEWHERE}.uselist")) if site is not None else ""
        )
        if listed:
            return listed == "true"
        if attribute.annotation is not None:
            return attribute.annotation.many
        if target == model and site is not None:
            return self.plain.argument(site, f"remote_side|{ELSEWHERE}.remote_side") is None
        return not keys

    def _leading(self, model: ProjectClass, target: Value, site: Site | None) -> list[Key]:
        """The foreign keys of this model's own table that lead to the target's."""
        other = self.models.behind(target) if isinstance(target, ProjectClass) else None
        if other is None:
            return []
        name = self.models.name(other)
        keys = [pair for pair in self._foreign(model) if pair[1].target == name]
        chosen = self.plain.argument(site, f"foreign_keys|{ELSEWHERE}.foreign_keys") if site is not None else None
        if chosen is not None:
            words = self._words(chosen, model)
            keys = [pair for pair in keys if pair[0] in words]
        return [key for _, key in keys]

    def _words(self, site: Site, model: ProjectClass) -> set[str]:
        """The attributes of a model that `foreign_keys` names."""
        found: set[str] = set()
        sites = self.plain.elements(site) or [site]
        for each in sites:
            tree = self.evaluator.tree(each.path)
            kind = tree.kinds[each.node]
            if kind == Kind.NAME:
                found.add(tree.value(each.node))
            elif kind == Kind.ATTRIBUTE:
                owner = self.evaluator.value(each.path, each.node + 1, each.context)
                if owner == model:
                    found.add(tree.value(each.node))
            elif kind == Kind.STRING:
                text = tree.value(each.node).strip("[] ")
                name = self.evaluator.tree(model.path).value(model.node)
                found |= {
                    part.strip().rpartition(".")[2]
                    for part in text.split(",")
                    if part.strip().rpartition(".")[0].rpartition(".")[2] in ("", name)
                }
        return found

    def _foreign(self, model: ProjectClass) -> tuple[tuple[str, Key], ...]:
        found = self._keys.get(model)
        if found is None:
            attributes, _ = self.models.mapped(model)
            name = self.models.name(model)
            found = self._keys[model] = tuple(
                (attribute.name, key)
                for attribute in attributes.values()
                if attribute.kind == "column"
                for key in self.models.column(attribute, name)[1]
                if key.kind == "foreign"
            )
        return found

    def _eager(self, site: Site | None) -> str:
        word = self.plain.argument(site, f"lazy|{ELSEWHERE}.lazy") if site is not None else None
        text = self.plain.string(word)
        if text in LOADING:
            return text
        return "joined" if word is not None and self.plain.constant(word) == "false" else ""

    def _inverse(self, site: Site | None) -> str:
        if site is None:
            return ""
        text = self.plain.string(self.plain.argument(site, "back_populates"))
        return text or self._backref(site)[0]

    def _backref(self, site: Site) -> tuple[str, bool | None]:
        """The name that `backref` gives the other end, and whether that is said to give several."""
        written = self.plain.argument(site, "backref")
        if written is None:
            return "", None
        if not self.plain.is_call(written):
            return self.plain.string(written), None
        listed = self.plain.constant(self.plain.argument(written, "uselist"))
        name = self.plain.string(self.plain.argument(written, "0|name"))
        return name, listed == "true" if listed else None

    def inverses(self, model: ProjectClass) -> list[tuple[Value, Related]]:
        """What the relations of a class add to their targets."""
        added: list[tuple[Value, Related]] = []
        for attribute in self.models.mapped(model)[0].values():
            if attribute.kind != "relation" or attribute.site is None:
                continue
            name, several = self._backref(attribute.site)
            related = next((each for each in self.own(model) if each.name == attribute.name), None)
            if not name or related is None or isinstance(related.model, Unknown):
                continue
            kind = related.relation.kind
            many = several if several is not None else kind != "to-many"
            other = Related(name, model, many, related.relation, model, inverse=True, query_name=name)
            added.append((related.model, other))
        return added

    # Targets

    def _target(self, attribute: Attribute) -> Value:
        site = attribute.site
        given = arguments(self.plain, site) if site is not None else []
        written = (self.plain.argument(site, "argument") if site is not None else None) or (given[0] if given else None)
        if written is not None:
            return self._meant(written)
        annotation = attribute.annotation
        if annotation is None or annotation.inner is None:
            return UNKNOWN
        return self._meant(annotation.inner)

    def _meant(self, site: Site) -> Value:
        """The class that an expression names: itself, by a text, or by a function that gives it."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.FUNCTION:
            body = tree.child(site.node, Role.BODY)
            if body < 0:
                return UNKNOWN
            site = Site(site.path, body, site.context)
        found = [
            option
            for option in options(self.evaluator.value(site.path, site.node, site.context))
            if isinstance(option, ProjectClass)
        ]
        if len(found) == 1:
            return ProjectClass(found[0].path, found[0].node)
        kind = tree.kinds[site.node]
        name = tree.value(site.node) if kind in (Kind.NAME, Kind.ATTRIBUTE) else self.plain.string(site)
        return self._by_name(name.rpartition(".")[2], site.path)

    def _by_name(self, name: str, path: str) -> Value:
        if self._classes is None:
            self._classes = {}
            for file in sorted(self.evaluator.files):
                facts = self.evaluator.files[file]
                if facts.language == "python":
                    for node, interface in facts.interface.classes.items():
                        if interface.bases:
                            self._classes.setdefault(interface.name, []).append(ProjectClass(file, node))
        candidates = [cls for cls in self._classes.get(name, []) if self.models.behind(cls) is not None]
        here = [cls for cls in candidates if cls.path == path]
        roles = self.models.surroundings.roles
        now = [cls for cls in candidates if roles.get(cls.path) is not FileRole.MIGRATION]
        candidates = here or now or candidates
        return candidates[0] if len(candidates) == 1 else UNKNOWN
