"""How each declaring library writes tables as classes: one reader a module, named by table rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def assigned(evaluator: Evaluator, model: ProjectClass, name: str) -> int:
    """The value node of a plain class attribute, or -1."""
    interface = evaluator.files[model.path].interface.classes.get(model.node)
    nodes = interface.members.get(name, ()) if interface is not None else ()
    tree = evaluator.tree(model.path)
    for node in reversed(nodes):
        if tree.kinds[node] == Kind.ASSIGN:
            return tree.child(node, Role.VALUE)
    return -1


def string(evaluator: Evaluator, model: ProjectClass, name: str) -> str:
    """The text of a plain string attribute, or ""."""
    node = assigned(evaluator, model, name)
    tree = evaluator.tree(model.path)
    return tree.value(node) if node >= 0 and tree.kinds[node] == Kind.STRING else ""


def snake(name: str) -> str:
    """The default naming strategy of several libraries: `UserProfile` becomes `user_profile`."""
    words: list[str] = []
    for index, character in enumerate(name):
        if character.isupper() and index and (not name[index - 1].isupper() or name[index + 1 : index + 2].islower()):
            words.append("_")
        words.append(character.lower())
    return "".join(words)
