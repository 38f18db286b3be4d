"""What every query of a handle begins with, where a class of the project says so (`get_queryset` of a manager)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from dblint.libraries.grammar import Member, Slot
from dblint.link.values import UNSAID, Context, FunctionValue, Instance, Step

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

Beginning: TypeAlias = "tuple[tuple[Step, ...], bool]"
"""Steps, and whether more may be there."""
OF_A_PACKAGE = Step(Member(where=Slot(value=UNSAID), order=Slot(value=UNSAID)), "of a package", "", -1)
"""What a package's class may do that nobody has read: it may have conditions and an order of its own. It knows none of
the relations and columns of a program's models by name, so that it loads none of them."""


class Beginnings:
    """Reads them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._read: dict[Instance, Beginning] = {}

    def of(self, receiver: Instance) -> Beginning:
        """What comes before the steps of a chain. A chain that the method itself gave has it already."""
        tables = self.evaluator.tables
        word = next((tables.types[cls.name].begins for cls in self.evaluator.classes.library_types(receiver.cls)), "")
        if not word:
            return (), False
        if self.evaluator.classes.owner(receiver.cls, word) is None:
            return (OF_A_PACKAGE,) if self.evaluator.classes.assumed_handle(receiver.cls) else (), False
        if any(step.name == word for step in receiver.steps):
            return (), False
        return self.evaluator.once(self._read, Instance(receiver.cls, receiver.arguments), self._of)

    def _of(self, handle: Instance) -> Beginning:
        tables = self.evaluator.tables
        word = next(tables.types[cls.name].begins for cls in self.evaluator.classes.library_types(handle.cls))
        owner = self.evaluator.classes.owner(handle.cls, word)
        method = self.evaluator.members.attribute(handle, word, owner.path) if owner is not None else None
        if not isinstance(method, FunctionValue):
            return (), True
        context = Context(method.node, method.path, method.receiver, (), method.context)
        made = self.evaluator.returned(method, context)
        if not isinstance(made, Instance) or any(step.member.run for step in made.steps):
            return (), True
        before = (OF_A_PACKAGE,) if self.evaluator.classes.assumed_handle(handle.cls) else ()
        return (*before, *(step for step in made.steps if step.node >= 0)), made.open
