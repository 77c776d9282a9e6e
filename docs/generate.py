"""Write what the documents, shells and man take from code and results: `python docs/generate.py`.

That is docs/reference/, the figures of docs/results/ in the guides, and what `shell_files` writes.
Files that were written are named; with --check those that would be.
"""

import argparse
import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from textwrap import wrap
from typing import Any

import figureground
import shell_files
from figureground.cli import VERBS, build_parser
from figureground.media.format_row import ANIMATION, IMAGE, VIDEO, Format
from figureground.media.format_table import FORMATS
from figureground.models import shipped
from measured import BLOCK, filled, shipped_figures

DOCS = Path(__file__).resolve().parent
ROOT, REFERENCE = DOCS.parent, DOCS / "reference"
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


def python() -> str:
    """Return the page of all that `figureground` exports, which mkdocstrings fills."""
    parts = [NOTE, "# Python\n", f"{(figureground.__doc__ or '').strip()}\n"]
    parts.append(
        "This page is filled where the site is built: `make docs`. `help(figureground.NAME)` says the same.\n"
    )
    for name in sorted(figureground.__all__, key=str.lower):
        if not name.startswith("__"):
            parts.append(f"::: figureground.{name}\n")
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


def written() -> Iterator[tuple[Path, str]]:
    """All files that are written from the code and from results, and what they should hold."""
    for name, page in PAGES.items():
        yield REFERENCE / name, page()
    for path in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]:
        if path.parent != REFERENCE and BLOCK.search(text := path.read_text("utf-8")):
            yield path, filled(text)
    yield shipped.FOLDER / "figures.json", shipped_figures()
    yield from shell_files.files().items()


def holds(path: Path, text: str) -> bool:
    """Tell whether a file is there and holds just that."""
    return path.is_file() and path.read_text("utf-8") == text


def main() -> int:
    """Write all files, or name those that differ; 1 where some do."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")
    check = parser.parse_args().check
    differ = [each for each in written() if not holds(*each)]
    for path, text in differ:
        print(path.relative_to(ROOT))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int(check and bool(differ))


if __name__ == "__main__":
    sys.exit(main())
