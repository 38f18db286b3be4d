"""The models, settings and options that Django's model classes name."""

from __future__ import annotations

from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.model_readers.django_applications import MARKER
from dblint.link.model_readers.shared import Surroundings
from dblint.link.values import UNKNOWN, Instance, LibraryClass, ProjectClass, Value, options

USER_SETTING = "AUTH_USER_MODEL"
DEFAULT_USER = "auth.User"
KEY_SETTING = "DEFAULT_AUTO_FIELD"
DEFAULT_KEY = "django.db.models.AutoField"
"""What the primary key is that nobody declares, unless a setting or the application says otherwise."""


class Names:
    """What model classes name. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.applications = surroundings.evaluator.applications
        self._settings: dict[str, str | None] = {}

    def key_field(self, path: str) -> str:
        """The path of the type of primary keys that are not declared, "" for cannot say."""
        own = self.applications.configured(path, "default_auto_field")
        return own or self._setting(KEY_SETTING, DEFAULT_KEY) or ""

    def _setting(self, name: str, default: str) -> str | None:
        """The one text that the project's own settings give a name; None where they give several, or one that
        cannot be read."""
        if name not in self._settings:
            found = {
                self.plain.string(Site(path, node, None))
                for path, node in self.applications.setting(MARKER, name)
                if not self.surroundings.quiet(path)
            }
            self._settings[name] = default if not found else (next(iter(found)) or None) if len(found) == 1 else None
        return self._settings[name]

    # Models

    def target(self, site: Site, model: ProjectClass) -> Value:
        """The model that an expression names for a relation of `model`: a class, its name, `"self"`, or the
        project's users."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        if kind == Kind.STRING:
            return self.named(tree.value(site.node), model)
        if kind == Kind.ATTRIBUTE and tree.value(site.node) == USER_SETTING and self._settings_object(site):
            name = self._setting(USER_SETTING, DEFAULT_USER)
            return self.named(name, model) if name else UNKNOWN
        value = self.evaluator.value(site.path, site.node, site.context)
        found = [option for option in options(value) if isinstance(option, (ProjectClass, LibraryClass))]
        if found:
            return found[0] if len(found) == 1 else UNKNOWN
        text = self.plain.string(site)
        return self.named(text, model) if text else UNKNOWN

    def _settings_object(self, site: Site) -> bool:
        """Whether an attribute is one of the project's settings."""
        for option in options(self.evaluator.value(site.path, site.node + 1, site.context)):
            if isinstance(option, Instance) and isinstance(option.cls, LibraryClass):
                return bool(self.evaluator.tables.types[option.cls.name].settings)
        return False

    def named(self, text: str, model: ProjectClass) -> Value:
        """The model that a text names: `"self"`, `"Name"` of the same application, `"label.Name"`."""
        if text == "self":
            return model
        label, _, name = text.rpartition(".")
        return self.applications.model(label or self.applications.label_of(model), name) or UNKNOWN

    def is_model(self, cls: ProjectClass) -> bool:
        """Whether a class is one of Django's models, abstract ones too."""
        types = self.evaluator.tables.types
        return any(types[item.name].declares == "django" for item in self.evaluator.classes.library_types(cls))

    # Options of models

    def meta(self, model: ProjectClass) -> ProjectClass | None:
        """The class that holds a model's own options."""
        return self.applications.meta(model)

    def assigned(self, cls: ProjectClass | None, name: str, *, inherited: bool = True) -> Site | None:
        """The expression that a class of options gives a name, in its own body or, with `inherited`, a base's."""
        if cls is None:
            return None
        for owner in self.evaluator.classes.mro(cls) if inherited else (cls,):
            if not isinstance(owner, ProjectClass):
                continue
            interface = self.evaluator.files[owner.path].interface.classes.get(owner.node)
            tree = self.evaluator.tree(owner.path)
            for node in reversed(interface.members.get(name, ()) if interface is not None else ()):
                value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
                if value >= 0:
                    return Site(owner.path, value, None)
        return None

    def option(self, meta: ProjectClass | None, name: str) -> str:
        """The text of an option, or ""."""
        return self.plain.string(self.assigned(meta, name))
