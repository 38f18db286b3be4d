"""Tables that a model describes and the library does not make: what the project's own SQL says of them counts."""

from __future__ import annotations

import msgspec

from dblint.facts.schema import Table

UNMANAGED = ("managed", "false")
"""The option of such a table, as its model declares it."""


def under(own: Table, stored: Table) -> Table:
    """A table that somebody else makes, as the project's own SQL makes it, with what only its model says."""
    columns = []
    for column in stored.columns:
        said = next((each for each in own.columns if each.name.lower() == column.name.lower()), column)
        columns.append(
            msgspec.structs.replace(
                column, attribute=said.attribute, enum=column.enum or said.enum, choices=said.choices
            )
        )
    return msgspec.structs.replace(
        stored,
        model=own.model,
        columns=tuple(columns),
        relations=own.relations,
        order=own.order,
        extends=own.extends,
        beside=own.beside,
    )
