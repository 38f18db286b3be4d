"""What a template says by itself: which loops, and which attributes of what."""

from __future__ import annotations

import msgspec

from dblint.facts.tree import Fault


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Something that a template does. Marks stand in the order of the source; `end` is the first that no longer stands
    inside this one.

    `kind`: `for` (`names`: what each element is called, `path`: what is gone through), `set` (`names` hold what `path`
    gives, as far as `end`), `text` (what `path` gives is written), `read`, `include` and `extends` (`names`: the other
    template, "" where it cannot be said, or where attributes of something name it, which are its `path`; `bare`: it
    sees none of the names around it), `block` (`names`: its name), `skip` (what stands inside is done some other time),
    `given` (`names`: a tag that is not the language's own, and the position or keyword at which it is given what `path`
    gives). `path`: a name and the attributes behind it; none where it is something else. `filters`: those that it goes
    through. `start`, `stop`: where the expression stands, in bytes.
    """

    kind: str
    start: int
    stop: int
    end: int = -1
    names: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    bare: bool = False


class TemplateFile(msgspec.Struct, frozen=True, array_like=True):
    """A template: its marks, and why it could not be read, if so."""

    path: str
    marks: tuple[Mark, ...] = ()
    faults: tuple[Fault, ...] = ()
