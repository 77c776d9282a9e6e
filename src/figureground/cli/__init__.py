"""The command line: one module per verb, imported when asked for."""

import argparse
import codecs
import io
import os
import re
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

from figureground import __version__
from figureground.cli.hints import check_words, with_verb
from figureground.cli.streams import forgiving
from figureground.errors import FiguregroundError, UsageError

VERBS = {
    "remove": "take the background away from images",
    "live": "take the background away from what a camera sees, as it happens",
    "jobs": "tell what became of a large job, and do again what failed",
    "serve": "serve it over HTTP",
    "models": "list the networks that are there",
    "evaluate": "measure a network on images with masks",
    "compare": "measure two networks on the same images",
    "data": "check, convert, split and preview images with masks",
    "train": "train a network on images with masks",
    "export": "make a trained network into what other programs run",
    "page": "write the web page that does it in the browser",
    "doctor": "tell what is installed here, whether it works, and what is slow",
    "completion": "let a shell complete what is typed",
    "tutorial": "do what the Keras tutorial does, from its data to its masks",
}


class _Version(argparse.Action):
    """Tell the version, and the weights that are installed, once it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from figureground.models.shipped import short_hashes

        print(f"figureground {__version__} ({short_hashes()})")
        parser.exit()


LONGEST = 300  # characters of a message
# Shells leave a ~ alone where it is quoted, and most of them behind `--output=`.
HOME = re.compile(r"(--[\w-]+=)?~(?=[/\\]|$)")


def build_parser(verb: str | None) -> argparse.ArgumentParser:
    """The parser of all verbs; only the one that is asked for is loaded."""
    parser = argparse.ArgumentParser(
        prog="figureground",
        description="Takes people out of their background, and trains the network that does it.",
        epilog="`figureground VERB --help` explains each; `figureground photo.jpg` is "
        "`figureground remove photo.jpg`.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="tell the version and weights")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, summary in VERBS.items():
        if name == verb:
            module = import_module(f"figureground.cli.{name}")
            chosen = verbs.add_parser(
                name, help=summary, description=module.__doc__, allow_abbrev=False
            )
            chosen.formatter_class = argparse.RawDescriptionHelpFormatter
            module.add_arguments(chosen)
            chosen.set_defaults(run=module.run)
        else:
            verbs.add_parser(name, help=summary)
    return parser


def _print_any_name() -> None:
    """Let standard output take names of files that it cannot spell: as bytes, or as escapes."""
    stream = getattr(sys.stdout, "_stream", sys.stdout)
    if isinstance(stream, io.TextIOWrapper):  # what a program puts in its place is its own
        spells_all = codecs.lookup(stream.encoding).name == "utf-8"
        errors = sys.getfilesystemencodeerrors() if spells_all else "backslashreplace"
        stream.reconfigure(errors=errors)


def _at_home(word: str) -> str:
    """A word of the command line with the home folder, if there is one, in place of its `~`."""
    found = HOME.match(word)
    if found is None:
        return word
    return f"{found[1] or ''}{os.path.expanduser('~')}{word[found.end() :]}"


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Parse the words of a command. Ends with a line about usage where that cannot be told."""
    words = with_verb(words, list(VERBS))
    verb = next((word for word in words if word in VERBS), None)
    parser = build_parser(verb)
    words = check_words(parser, words, list(VERBS))
    parsed, unknown = parser.parse_known_args(words)
    files = [word for word in unknown if os.path.exists(word)]
    if unknown:
        advice = f"; a file of that name is given as .{os.sep}{files[0]}" if files else ""
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{advice}")
    if parsed.verb == "remove":  # a job on a cluster notes them
        parsed.words = words
    return parsed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 failed, 2 misused, 130 interrupted."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with forgiving():
        return _run(arguments)


def in_short(text: str) -> str:
    """A text as one line of at most 300 characters; what is longer loses its middle."""
    line = " ".join(text.split())
    half = (LONGEST - 3) // 2
    return line if len(line) <= LONGEST else f"{line[:half]} … {line[-half:]}"


def _run(arguments: Sequence[str]) -> int:
    _print_any_name()
    warnings.filterwarnings("ignore", module=r"PIL\.")  # odd metadata harms nobody
    try:
        parsed = parse([_at_home(word) for word in arguments])  # what it imports takes a while
        return int(parsed.run(parsed))
    except FiguregroundError as error:
        print(f"figureground: {in_short(str(error))}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("figureground: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our output has gone; nobody is left to tell
        return 1
    except ImportError as error:  # a library that does not fit into memory, or is broken
        reason = in_short(f"{error}; allow more memory (ulimit -v), or install it anew")
        print(f"figureground: a library cannot be loaded: {reason}", file=sys.stderr)
        return 1
    except (OSError, RecursionError, MemoryError) as error:
        reason = in_short(f"{type(error).__name__}: {error}")
        print(f"figureground: cannot go on: {reason}", file=sys.stderr)
        return 1
