"""What a first command may have meant: no verb, a misspelt word, another's option."""

import argparse
import os
from collections.abc import Iterator, Sequence
from glob import has_magic
from pathlib import Path

from figureground.errors import UsageError
from figureground.media.format_row import IMAGE, VIDEO
from figureground.media.formats import endings_of
from figureground.media.remote import is_remote

OF_ALL = ("-h", "--help", "--version")
# What rembg and backgroundremover call it.
IMAGE_WORDS = {
    **dict.fromkeys(("-m",), "--model"),
    **dict.fromkeys(("--bg", "-bg", "--bgcolor", "-bgc", "--bg-color"), "--background"),
    **dict.fromkeys(("-om", "--only-mask"), "--kind mask"),
    **dict.fromkeys(("-i", "--input"), "the name alone: figureground remove photo.jpg -o out.png"),
    **dict.fromkeys(("-a", "--alpha-matting"), "nothing: edges are always refined"),
    "--gpu": "nothing: networks run on the processor",
}
# What Keras and its tutorials call it.
TRAINING_WORDS = {
    "--lr": "--learning-rate",
    **dict.fromkeys(("-b", "--batch", "--batch_size"), "--batch-size"),
    "--gpu": "nothing: TensorFlow takes the graphics card that it finds",
}
OPTIONS = {"remove": IMAGE_WORDS, "live": IMAGE_WORDS, "train": TRAINING_WORDS}
VERB_WORDS = {  # of rembg
    "i": "figureground remove photo.jpg -o out.png",
    "p": "figureground remove FOLDER -o FOLDER",
    "help": "figureground --help",
}


def with_verb(words: Sequence[str], verbs: Sequence[str]) -> list[str]:
    """The words of a command, `remove` before them where they begin with what it takes.

    Args:
        words: as they were typed, without the program's name.
        verbs: all that there are.
    """
    first = words[0] if words else ""
    if not first or first in verbs or first in OF_ALL:
        return list(words)
    option = first.startswith("-") and not any(word in verbs for word in words)
    return ["remove", *words] if option or _is_meant_to_be_read(first) else list(words)


def _is_meant_to_be_read(word: str) -> bool:
    known = Path(word).suffix.lower() in endings_of(IMAGE, VIDEO)
    return known or os.path.exists(word) or is_remote(Path(word)) or has_magic(word)


def check_words(
    parser: argparse.ArgumentParser, words: Sequence[str], verbs: Sequence[str]
) -> list[str]:
    """The words of a command, each option with its value; see `with_defaults`.

    Ends with a line about usage where a verb or an option is unknown, and names the nearest.
    """
    _check_verb(parser, words, verbs)
    _check_options(parser, words)
    return with_defaults(parser, words)


def _check_verb(
    parser: argparse.ArgumentParser, words: Sequence[str], verbs: Sequence[str]
) -> None:
    first = words[0] if words else "-"
    if first.startswith("-") or first in verbs:
        return
    from difflib import get_close_matches

    near = get_close_matches(first, verbs, 1)
    meant = VERB_WORDS.get(first) or (f"figureground {near[0]}" if near else "")
    advice = f"did you mean `{meant}`?" if meant else f"there are {', '.join(verbs)}"
    parser.error(f"there is no verb and no file {first!r}; {advice}")


def _check_options(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    leaf, rest = _leaf(parser, list(words))
    known = leaf._option_string_actions
    foreign = OPTIONS.get(leaf.prog.split()[-1], {})
    for name in _options_in(rest):
        if name in known:
            continue
        if name in foreign:
            leaf.error(f"there is no option {name}; here it is {foreign[name]}")
        if name.startswith("--"):
            _refuse(leaf, name, list(known))
        if name[:2] not in known:
            _refuse(leaf, name, [])


def with_defaults(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[str]:
    """The words, with its default for each option whose value may be left out and is not there.

    So `--crop photo.jpg` does not take the image for a margin.
    """
    leaf, _ = _leaf(parser, list(words))
    filled = list(words)
    for place, word in enumerate(words[:-1]):
        action = leaf._option_string_actions.get(word)
        if action is not None and action.nargs == "?" and not _takes(action, words[place + 1]):
            filled[place] = f"{word}={action.const}"
    return filled


def _takes(action: argparse.Action, word: str) -> bool:
    try:
        return not callable(action.type) or action.type(word) is not None
    except (ValueError, argparse.ArgumentTypeError):
        return False


def _refuse(leaf: argparse.ArgumentParser, name: str, known: Sequence[str]) -> None:
    if os.path.exists(name):
        leaf.error(f"there is no option {name}; a file of that name is given as .{os.sep}{name}")
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    advice = f"did you mean {near[0]}?" if near else f"`{leaf.prog} --help` lists all"
    leaf.error(f"there is no option {name}; {advice}")


def _options_in(words: Sequence[str]) -> Iterator[str]:
    """Yield what begins with a dash and is no number, without its value, up to `--`."""
    for word in words:
        if word == "--":
            return
        if word.startswith("-") and word != "-" and not word[1:2].isdigit() and word[1] != ".":
            yield word if os.path.exists(word) else word.partition("=")[0]


def _leaf(
    parser: argparse.ArgumentParser, words: list[str]
) -> tuple[argparse.ArgumentParser, list[str]]:
    """The parser of the innermost verb that is named, and the words after it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for place, word in enumerate(words):
                if word in action.choices:
                    return _leaf(action.choices[word], words[place + 1 :])
    return parser, words


def check_second_name(inputs: Sequence[Path], output: Path | None) -> None:
    """Refuse `photo.jpg out.png`, where the second is to be written. Raises UsageError."""
    if output is not None or len(inputs) != 2 or not os.path.exists(inputs[0]):
        return
    first, second = inputs
    known = second.suffix.lower() in endings_of(IMAGE, VIDEO)
    if known and not (os.path.exists(second) or is_remote(second) or has_magic(str(second))):
        raise UsageError(
            f"there is no file {str(second)!r} to read; to write it: "
            f"figureground remove {first} -o {second}"
        )
