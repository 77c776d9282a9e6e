"""What shells and `man` are given, from the parser: completion by shtab, and one page of manual."""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import figureground
from figureground.cli import VERBS, build_parser
from figureground.cli.completion import SCRIPTS

ROOT = Path(__file__).resolve().parent.parent
SHELLS = ROOT / "src" / "figureground" / "shells"
MANUAL = ROOT / "share" / "man" / "man1" / "figureground.1"
# Words for what an option takes that stand for a file, or a folder.
FILES = re.compile(r"FILE|PATH|IMAGE|MANIFEST|RUN|SOURCE|WHAT")
# `figureground photo.jpg` has no verb: by shell, what shtab writes, and what offers files as well.
WITHOUT_VERB = {
    "bash": ("complete -o bashdefault -F", "complete -o bashdefault -o default -F"),
    "zsh": (
        "_describe 'figureground commands' _commands",
        "_describe 'figureground commands' _commands\n  _files",
    ),
    "fish": ("", "\ncomplete -c figureground -n __fish_is_first_token -F\n"),
}
EXIT_CODES = """
0 all done, 1 something failed, 2 misuse, 3 nobody is in some images (with --exit-empty), 130 Ctrl-C.
"""
ENVIRONMENT = {
    "NO_COLOR": "Without it, Python 3.14 and newer colour what --help prints on a terminal.",
    "TMPDIR": "Where videos and networks keep what they need for a while.",
    "TF_CPP_MIN_LOG_LEVEL": "0 lets TensorFlow say all it has to say.",
    "KERAS_BACKEND": "What trains: tensorflow, jax or torch.",
}


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return a parser's commands by name; empty where it has none."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            choices: dict[str, argparse.ArgumentParser] = action.choices
            return choices
    return {}


def whole_parser() -> argparse.ArgumentParser:
    """Return the parser with all verbs loaded."""
    parser = build_parser(None)
    commands = commands_of(parser)
    for verb in VERBS:
        commands[verb] = commands_of(build_parser(verb))[verb]
    return parser


def completion(shell: str) -> str:
    """Return the script with which a shell completes what is typed."""
    import shtab  # of the extra `dev`

    parser = whole_parser()
    _mark_files(parser)
    usual, ours = WITHOUT_VERB[shell]
    script = shtab.complete(parser, shell) + ("" if usual else ours)
    script = script.replace(usual, ours, 1) if usual else script
    return re.sub(r"[ \t]+$", "", script, flags=re.MULTILINE).rstrip("\n") + "\n"


def _mark_files(parser: argparse.ArgumentParser) -> None:
    """Note at each option and argument that takes a path that it does."""
    import shtab

    for action in parser._actions:
        word = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        if action.nargs != 0 and not action.choices:
            if word == "DIR":
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
            elif action.type is Path or FILES.search(word):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    for child in commands_of(parser).values():
        _mark_files(child)


def roff(text: str) -> str:
    """Spell a text for man: nothing in it is a command or another character."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^\.", r"\\&.", safe, flags=re.MULTILINE)


def lines_of(text: str) -> Iterator[str]:
    """Spell a text for man, a sentence or part of one a line."""
    for line in re.sub(r"(?<=[.;:,]) +", "\n", " ".join(text.split())).splitlines():
        yield roff(line)


def example(description: str) -> Iterator[str]:
    """Spell what a verb says of itself, as it stands."""
    yield ".nf"
    yield from (roff(line) if line else ".sp" for line in description.strip().splitlines())
    yield ".fi"


def option(action: argparse.Action) -> Iterator[str]:
    """Describe one option or argument."""
    word = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if action.choices is not None and not isinstance(action.metavar, str):
        word = "|".join(map(str, action.choices))
    value = "" if action.nargs == 0 else f" \\fI{roff(word)}\\fR"
    names = ", ".join(f"\\fB{roff(name)}\\fR" for name in action.option_strings)
    yield ".TP"
    yield f"{names}{value}".strip()
    about = (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%")
    yield from lines_of(about)


def command(words: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Describe a verb and those below it."""
    yield f".SS {roff(words)}"
    yield from example(parser.description or "")
    for action in parser._actions:
        hidden = isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
        if not hidden and action.help != argparse.SUPPRESS:
            yield from option(action)
    for name, child in commands_of(parser).items():
        yield from command(f"{words} {name}", child)


def released() -> str:
    """Return the day of the changelog's first heading, as 2026-11-30."""
    found = re.search(r"^## .*(\d{4}-\d\d-\d\d)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    if found is None:
        raise ValueError("no heading of CHANGELOG.md has a day, as in ## 1.2.3 (2026-11-30)")
    return found[1]


def manual() -> str:
    """Return the page that `man figureground` shows."""
    about = "cut people out of photographs and videos, and train the network that does it"
    lines = [
        '.\\" Written by docs/generate.py from the code: do not edit.',
        f'.TH FIGUREGROUND 1 {released()} "figureground {figureground.__version__}"',
        ".SH NAME", f"figureground \\- {about}",
        ".SH SYNOPSIS", ".B figureground", ".I VERB", "[\\fIOPTION\\fR ...]", ".br",
        ".B figureground", ".I IMAGE", "[\\fIOPTION\\fR ...]",
        ".SH DESCRIPTION",
        *lines_of("Without a verb, remove is meant. The verbs:"),
    ]  # fmt: skip
    for verb, summary in VERBS.items():
        lines += [".TP", f".B {verb}", *lines_of(summary)]
    lines.append(".SH VERBS")
    for verb, parser in commands_of(whole_parser()).items():
        lines += command(verb, parser)
    lines += [".SH EXIT STATUS", *lines_of(EXIT_CODES), ".SH ENVIRONMENT"]
    for name, meaning in ENVIRONMENT.items():
        lines += [".TP", f".B {name}", *lines_of(meaning)]
    return "\n".join(lines) + "\n"


def files() -> Mapping[Path, str]:
    """Return all files and what they have to hold; without completion where shtab is missing."""
    made = {MANUAL: manual()}
    try:
        import_module("shtab")
    except ImportError:
        print("completion stays as it is: shtab, of the extra dev, is missing", file=sys.stderr)
        return made
    return made | {SHELLS / name: completion(shell) for shell, name in SCRIPTS.items()}
