"""How TypeORM calls columns that name themselves not."""

from __future__ import annotations

from dblint.link.model_readers import snake
from dblint.link.model_readers.shared import Surroundings

STRATEGY = "namingStrategy"
SNAKE = "SnakeNamingStrategy"


class Naming:
    """The naming strategy of a project. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.evaluator = surroundings.evaluator
        self._naming: str | None = None

    def how(self) -> str:
        """How columns are called that name themselves not: "plain" as in the class, "snake", or "" where a strategy
        of the project decides."""
        if self._naming is None:
            holding = [
                facts
                for path, facts in self.evaluator.files.items()
                if STRATEGY in facts.body.strings and not self.surroundings.quiet(path)
            ]
            self._naming = "plain"
            if holding:
                self._naming = "snake" if all(SNAKE in facts.body.strings for facts in holding) else ""
        return self._naming

    def called(self, name: str) -> str:
        """The column of a property that names none."""
        return snake(name) if self.how() == "snake" else name

    def foreign(self, member: str, key: str) -> str:
        """The column of a relation that names none, which refers to `key`."""
        if self.how() == "snake":
            return snake(f"{member}_{key}")
        return f"{member}{key[:1].upper()}{key[1:]}"


def camel(name: str) -> str:
    """`garden_plant` as `gardenPlant`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
