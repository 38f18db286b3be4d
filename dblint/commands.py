"""The words of the command line: commands, paths that stand for one, and what a shell completes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from dblint.report.visible import visible
from dblint.terminal import complain, put

if TYPE_CHECKING:
    from collections.abc import Callable

    Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


class _Helping(click.Command):
    """A command that writes its help as everything else is written: a reader that has gone away is no error."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option, with what it does replaced."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _help
        return option


def _help(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        put(f"{ctx.get_help()}\n".encode())
        ctx.exit()


class Commands(_Helping, click.Group):
    """Commands, of which `check` is the one that is meant where the first word names none."""

    command_class = _Helping

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """A first word that is a command is the command, also where a folder has that name; which is said."""
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        if args and args[0] not in self.commands and args[0] not in own:
            if not ctx.resilient_parsing:
                self._refuse_mistyped(ctx, args[0])
            args = ["check", *args]
        elif args and args[0] in self.commands and not ctx.resilient_parsing:
            self._hint(args[0], args[1:])
        return super().parse_args(ctx, args)

    def _refuse_mistyped(self, ctx: click.Context, word: str) -> None:
        """Ends the run where a word is no path, and nearly a command."""
        if word.startswith("-") or any(mark in word for mark in "./\\*") or os.path.lexists(word):
            return
        near = _near(word, self.commands)
        if near:
            complain(f'dblint: there is no command and no path "{visible(word)}" (did you mean "{near}"?)')
            ctx.exit(2)

    def _hint(self, name: str, rest: Sequence[str]) -> None:
        """Says how the folder is meant that has a command's name, where nothing else was named: it may be that
        the folder was meant."""
        takes_words = any(isinstance(parameter, click.Argument) for parameter in self.commands[name].params)
        if takes_words and any(not word.startswith("-") for word in rest):
            return
        if Path(name).is_dir():
            complain(
                f'dblint: "{name}" is the command; the folder of that name is reviewed by "dblint ./{name}"'
                f' or "dblint check {name}"'
            )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, or else files. The latter come first: shells forget what stands before such an item."""
        found = super().shell_complete(ctx, incomplete)
        return found if incomplete.startswith("-") else [CompletionItem(incomplete, type="file"), *found]


def suggested(error: click.ClickException) -> click.ClickException:
    """The same error, with the option that differs in nothing but its case: click itself looks for what is spelled
    nearly so."""
    if not isinstance(error, click.exceptions.NoSuchOption) or error.possibilities or error.ctx is None:
        return error
    options = [option for parameter in error.ctx.command.get_params(error.ctx) for option in parameter.opts]
    near = _near(error.option_name, options)
    message = f"No such option '{error.option_name}'. Did you mean '{near}'?"
    return click.exceptions.NoSuchOption(error.option_name, message, ctx=error.ctx) if near else error


def _near(word: str, known: Iterable[str]) -> str:
    """The one of these words that is nearly this one, whatever its case; "" for none."""
    from difflib import get_close_matches

    folded = {each.lower(): each for each in known}
    close = get_close_matches(word[:64].lower(), sorted(folded), n=1)
    return folded[close[0]] if close else ""


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Lets the shell complete the names of files."""
    return [CompletionItem(incomplete, type="file")]


def words(given: Callable[[], Iterable[str]]) -> Completer:
    """Completes one of these words, which are made when somebody asks."""

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(word) for word in sorted(given()) if word.startswith(incomplete)]

    return complete


def rule_ids() -> list[str]:
    """The ids of the rules of all packs in use; none where one is broken, as completion is no place to say so."""
    from dblint.config import ConfigurationError
    from dblint.packs import PackError, find, packs_in_use

    try:
        return list(find(packs_in_use()))
    except (ConfigurationError, PackError):
        return []


def rule_words() -> list[str]:
    """What `--select` and `--ignore` take."""
    ids = rule_ids()
    return [*ids, *{name.partition("/")[0] for name in ids}, "all", "default"]


def severities() -> Sequence[str]:
    """The severities."""
    from dblint.config import SEVERITIES

    return SEVERITIES


def dialects() -> Iterable[str]:
    """The dialects that are offered."""
    from dblint.config_values import DIALECTS

    return DIALECTS


def formats(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Formats. What stands behind `=` is left to the user: shells do not agree on where that word begins."""
    from dblint.report.formats import FORMATS

    return [CompletionItem(f"{name}=") for name in FORMATS if name.startswith(incomplete)]


def review_formats(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Formats of a review, in the same way."""
    from dblint.report.formats import REVIEW_FORMATS

    return [CompletionItem(f"{name}=") for name in REVIEW_FORMATS if name.startswith(incomplete)]
