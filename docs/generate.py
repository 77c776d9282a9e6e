"""Write docs/reference/, and what shells and man are given, from the code: `python docs/generate.py`."""

import argparse
import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from textwrap import dedent, wrap
from typing import Any

import figureground
from figureground.cli import VERBS, build_parser
from figureground.media.format_row import ANIMATION, IMAGE, VIDEO, Format
from figureground.media.formats import FORMATS

REFERENCE = Path(__file__).parent / "reference"
WIDTH = 116  # characters a line
NOTE = "<!-- Written by docs/generate.py from the code: do not edit. -->\n"


def bullet(text: str) -> str:
    """Wrap one entry of a list; words stay whole."""
    text = " ".join(text.split())
    lines = wrap(
        text,
        WIDTH,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def sub_parsers(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """Return a parser's commands by name; empty where it has none."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return action.choices
    return {}


def values(action: argparse.Action) -> str:
    """Spell what an option or an argument takes, as in ` PATH`; empty for a flag."""
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, str):
        name = action.metavar
    elif action.choices is not None:
        name = "|".join(map(str, action.choices))
    else:
        name = action.dest.upper() if action.option_strings else action.dest
    return {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} ..."}.get(str(action.nargs), name)


def option(action: argparse.Action) -> str:
    """Describe one argument or option of a command."""
    value = values(action)
    names = [f"`{name} {value}`".replace(" `", "`") for name in action.option_strings]
    text = (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%")
    return bullet(f"{', '.join(names) or f'`{value}`'}: {text}")


def command(words: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Describe one command, and those below it."""
    level = "#" * words.count(" ")
    yield f"#{level} `{words}`\n"
    if parser.description:
        yield f"```text\n{parser.description.strip()}\n```\n"
    below = sub_parsers(parser)
    for group in parser._action_groups:
        shown = [
            action
            for action in group._group_actions
            if action.help != argparse.SUPPRESS
            and not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
        ]
        if shown:
            about = f": {group.description}" if group.description else ""
            yield f"**{(group.title or '').capitalize()}**{about}\n"
            yield "\n".join(map(option, shown)) + "\n"
    for name, child in below.items():
        yield from command(f"{words} {name}", child)


def command_line() -> str:
    """Return the page of all commands and their options."""
    parts = [NOTE, "# Command line\n"]
    parts += [bullet(f"[`{verb}`](#figureground-{verb}): {about}") for verb, about in VERBS.items()]
    parts.append("")
    for verb in VERBS:
        parts += command(f"figureground {verb}", sub_parsers(build_parser(verb))[verb])
    return "\n".join(parts).rstrip() + "\n"


def toml(value: Any) -> str:
    """Spell a default as a recipe would; settings without one are `unset`."""
    if value is None or value is MISSING:
        return "unset"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value}"


def comments(source: str, name: str) -> dict[str, str]:
    """Return the comment behind, or else right above, each field of the class `name`."""
    lines = source.splitlines()
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            for each in node.body:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                    behind = lines[each.end_lineno - 1][each.end_col_offset :]
                    above = lines[each.lineno - 2].strip()
                    text = behind if "#" in behind else above if above.startswith("#") else ""
                    found[each.target.id] = text.strip().lstrip("# ")
    return found


def recipe() -> str:
    """Return the page of all settings of a training run, and of the recipes that ship."""
    module = import_module("figureground.training.recipe")
    said = comments(inspect.getsource(module), "Recipe")
    parts = [NOTE, "# Recipe\n", f"{module.Recipe.__doc__.strip()}\n"]
    for setting in fields(module.Recipe):
        factory = setting.default_factory
        value = setting.default if factory is MISSING else factory()
        kind = setting.type if isinstance(setting.type, str) else ast_name(setting.type)
        meaning = f": {said[setting.name]}" if said[setting.name] else ""
        parts.append(bullet(f"`{setting.name}` ({kind}, default `{toml(value)}`){meaning}"))
    parts.append("\n## The recipes that ship\n")
    for path in sorted((Path(figureground.__file__).parent / "recipes").glob("*.toml")):
        parts.append(f"### `{path.stem}`\n\n```toml\n{path.read_text().strip()}\n```\n")
    return "\n".join(parts).rstrip() + "\n"


def ast_name(kind: Any) -> str:
    """Spell a type without the modules it is from."""
    name = kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__args__") else str(kind)
    return name.replace("collections.abc.", "").replace("typing.", "")


def signature(value: Any) -> str:
    """Return a function's or a property's head as its source has it."""
    source = value.fget if isinstance(value, property) else getattr(value, "func", value)
    node = ast.parse(dedent(inspect.getsource(source))).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise TypeError(f"{value!r} is no function")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    called = isinstance(value, property) or hasattr(value, "func")
    head = node.name if called else f"{node.name}({ast.unparse(node.args)})"
    return "\n".join(wrap(f"{head}{returns}", WIDTH, subsequent_indent="    "))


def described(level: str, value: Any, name: str) -> Iterator[str]:
    """Describe one function, method or property."""
    yield f"{level} `{name}`\n"
    yield f"```text\n{signature(value)}\n```\n"
    if inspect.getdoc(value):
        yield f"```text\n{inspect.getdoc(value)}\n```\n"


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """Give a class's own public methods and properties, in the order of the source."""
    for name, value in vars(kind).items():
        value = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if not name.startswith("_") and (
            inspect.isfunction(value) or isinstance(value, property) or hasattr(value, "func")
        ):
            yield name, value


def constructor(kind: type) -> Iterator[str]:
    """Show how an object is made, where its class says so itself."""
    made = [
        each
        for above in reversed(kind.__mro__)
        if is_dataclass(above)
        for node in ast.parse(dedent(inspect.getsource(above))).body
        for each in getattr(node, "body", [])
        if isinstance(each, ast.AnnAssign)
    ]
    if "__init__" in vars(kind) and "def __init__" in inspect.getsource(kind):
        yield f"```text\n{signature(kind.__init__)}\n```\n"  # type: ignore[misc]
    elif made:
        yield "```text\n" + "\n".join(map(ast.unparse, made)) + "\n```\n"


def python() -> str:
    """Return the page of all that `figureground` exports."""
    parts = [NOTE, "# Python\n", f"{(figureground.__doc__ or '').strip()}\n"]
    for name in sorted(figureground.__all__, key=str.lower):
        value = getattr(figureground, name)
        if inspect.isclass(value):
            parts.append(f"## `{name}`\n")
            parts += constructor(value)
            parts.append(f"```text\n{inspect.getdoc(value)}\n```\n")
            for member, each in members(value):
                parts += described("###", each, f"{name}.{member}")
        elif callable(value) and inspect.isfunction(value):
            parts += described("##", value, name)
    return "\n".join(parts).rstrip() + "\n"


def formats() -> str:
    """Return the page of all formats, from their table."""
    about = "First bytes tell what a file is. Endings say which files of a folder are meant, and what is written."
    parts = [NOTE, "# Formats\n", f"{about}\n", "## Images\n"]
    parts += heads("format", "read", "written", "bits", "transparency", "animation", "longest side")
    parts += [cells(image_cells(row)) for row in FORMATS.values() if IMAGE in row.kinds]
    parts.append("\n## Videos\n")
    parts += heads("format", "read", "written", "codecs", "transparency")
    parts += [cells(video_cells(row)) for row in FORMATS.values() if VIDEO in row.kinds]
    return "\n".join(parts) + "\n"


def heads(*words: str) -> list[str]:
    """Begin a table."""
    return [cells(words), cells("---" for _ in words)]


def cells(words: Iterable[str]) -> str:
    """Spell a line of a table."""
    return f"| {' | '.join(words)} |"


def codes(words: Iterable[str]) -> str:
    """Spell words as code."""
    return " ".join(f"`{word}`" for word in words)


def image_cells(row: Format) -> Iterator[str]:
    """Describe a format of images, a cell of a table at a time."""
    writer = row.writer
    yield row.name + (f" (extra `{row.extra}`)" if row.extra else "")
    yield codes(row.endings)
    yield codes(writer.endings) if writer else "no"
    yield str(writer.bits) if writer else ""
    yield {0: "", 1: "all or nothing"}.get(writer.alpha_bits, "yes") if writer else ""
    yield ("yes" if row.joiner else "read") if ANIMATION in row.kinds else ""
    yield str(writer.longest or "") if writer else ""


def video_cells(row: Format) -> Iterator[str]:
    """Describe a format of videos, a cell of a table at a time."""
    container = row.container
    yield row.name
    yield codes(row.endings)
    yield codes(row.endings[:1]) if container else "no"
    yield ", ".join(container.codecs) if container else ""
    yield (container.transparent or "") if container else ""


PAGES = {
    "command-line.md": command_line,
    "recipe.md": recipe,
    "python.md": python,
    "formats.md": formats,
}


def main() -> int:
    """Write all pages."""
    REFERENCE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
    return int(import_module("shell_files").main())


if __name__ == "__main__":
    sys.exit(main())
