"""Runs `dblint review` and writes what it gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from dblint.facts.program import Technology
from dblint.options import both, outputs, request
from dblint.overwriting import STANDARD_OUTPUT, refuse_inputs
from dblint.packs import load
from dblint.progress import Progress
from dblint.report.files import write
from dblint.report.formats import REVIEW_FORMATS, render_review
from dblint.report.visible import visible
from dblint.review import review
from dblint.run import run
from dblint.terminal import complain, put, takes_colour

EVERY_RULE = ("all",)
"""What a review runs where nobody selects anything: a line is looked at by all of its rules."""


def tell_review(paths: Sequence[str], options: dict[str, Any]) -> int:
    """Reviews, writes the review to files first, then to standard output, and gives the exit code: the one of a check
    with the same rules. Raises `ConfigurationError`, `PackError` and `OutputError`."""
    with Progress(wanted=not options["quiet"]) as progress:
        wanted, asked = both(
            lambda: outputs(options["outputs"], {}, REVIEW_FORMATS), lambda: request(paths, options, progress)
        )
        result = run(replace(asked, select=EVERY_RULE, feeds=frozenset({Technology})))
    refuse_inputs(result, wanted, None, options["config"], REVIEW_FORMATS)
    tracebacks = list(result.tracebacks)
    told = review(result, map(load, result.found.values()), tracebacks.append)
    for name, target in sorted(wanted, key=lambda output: output[1] == STANDARD_OUTPUT):
        to_terminal = target == STANDARD_OUTPUT
        colour = to_terminal and takes_colour()
        data = render_review(name, told, everything=options["everything"], quiet=options["quiet"], colour=colour)
        if to_terminal:
            put(data)
        else:
            write(target, data)
    for path in result.missing:
        complain(f"dblint: {visible(path)}: no such file or folder")
    for text in tracebacks if options["debug"] else ():
        complain(text)
    return result.exit_code()
