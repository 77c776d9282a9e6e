"""Recipes as TOML files: read, laid over each other, written."""

import json
import reprlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import figureground
from figureground.errors import RecipeError
from figureground.media.atomic import atomic
from figureground.training.recipe import LOSSES, TERMS, Recipe

TYPES = {
    field.name: field.type.__name__ if isinstance(field.type, type) else str(field.type)
    for field in fields(Recipe)
}
KINDS = {
    "str": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "tuple[str, ...]": "a list of texts",
    "tuple[float, ...]": "a list of numbers",
    "collections.abc.Mapping[str, float]": "a table of numbers",
}


SHIPPED = Path(figureground.__file__).parent / "recipes"


def find_recipe(name: str) -> Path:
    """A recipe file: one that ships, by its name ("lite"), or a path.

    Raises:
        RecipeError: there is neither.
    """
    shipped = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
    path = shipped.get(name, Path(name))
    if not path.is_file():
        names = ", ".join(shipped)
        raise RecipeError(f"there is no recipe {name!r}: give a TOML file, or one of {names}")
    return path


def read_settings(path: Path) -> dict[str, Any]:
    """Read the settings of a recipe file by name; a recipe need not be whole yet.

    Raises:
        RecipeError: it cannot be read, or sets what no recipe has, or to what does not fit.
    """
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecipeError(f"cannot read the recipe {str(path)!r}: {error}") from error
    return check_settings(settings, str(path))


def overlay(below: Mapping[str, Any], texts: Iterable[str]) -> dict[str, Any]:
    """Settings over which texts win: `key=value`, or `losses.term=value` for one entry of a table.

    A text may stand without its quotes.

    Raises:
        RecipeError: one has no `=`, sets what no recipe has, or to what does not fit.
    """
    settings = dict(below)
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise RecipeError(f"--set {text}: write it as key=value")
        try:
            parsed = tomllib.loads(f"value = {value}")["value"]
        except (ValueError, RecursionError):
            parsed = value.strip()
        table, dot, entry = key.strip().partition(".")
        given = {table: {entry: parsed}} if dot else {table: parsed}
        value = check_settings(given, f"--set {text}")[table]
        settings[table] = {**settings.get(table, {}), **value} if dot else value
    return settings


def check_settings(settings: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """The same settings as a recipe takes them. Raises RecipeError where one does not fit."""
    return {name: _check(name, value, origin) for name, value in settings.items()}


def _check(name: str, value: Any, origin: str) -> Any:
    _refuse_unknown(name, TYPES, origin)
    kind = TYPES[name].removesuffix(" | None")
    if value == "" and kind != TYPES[name]:  # `--set init=` takes back what a file sets
        return None
    if isinstance(value, list):
        value = tuple(value)
    if not _fits(value, kind):
        raise RecipeError(f"{origin}: {name} must be {KINDS[kind]}, got {reprlib.repr(value)}")
    if isinstance(value, dict):
        for term in value:
            _refuse_unknown(term, TERMS, f"{origin}: {name}")
    return value


def _refuse_unknown(name: str, known: Iterable[str], origin: str) -> None:
    if name not in known:
        nearest = get_close_matches(name, list(known), n=1, cutoff=0.0)[0]
        raise RecipeError(f"{origin}: there is no {reprlib.repr(name)}; the nearest is {nearest!r}")


def _fits(value: Any, kind: str) -> bool:
    if kind in ("int", "float"):
        accepted = int if kind == "int" else (int, float)
        return isinstance(value, accepted) and not isinstance(value, bool)
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str)
    if kind == "collections.abc.Mapping[str, float]":
        return isinstance(value, dict) and all(_fits(v, "float") for v in value.values())
    inner = kind.removeprefix("tuple[").removesuffix(", ...]")
    return isinstance(value, tuple) and all(_fits(v, inner) for v in value)


def make_recipe(name: str | None, given: Mapping[str, Any], texts: Iterable[str]) -> Recipe:
    """A recipe from what ships or a file, over which what is given wins, over which texts win.

    Args:
        name: see `find_recipe`; None for none.
        given: settings by name.
        texts: see `overlay`.
    Raises:
        RecipeError: one of them cannot be understood, or makes no sense.
    """
    below = read_settings(find_recipe(name)) if name else {}
    return Recipe(**overlay({"data": (), "losses": LOSSES, **below, **given}, texts))


def load_recipe(path: Path) -> Recipe:
    """Read a whole recipe. Raises RecipeError where it cannot be understood."""
    return Recipe(**{"data": (), **read_settings(path)})


def save_recipe(recipe: Recipe, path: Path) -> None:
    """Write every setting as TOML. Raises FileError where the file cannot be written."""
    values = {field.name: getattr(recipe, field.name) for field in fields(Recipe)}
    lines = [f"{name} = {_toml(value)}" for name, value in values.items() if value is not None]
    with atomic(path) as part:
        part.write_text("\n".join(lines) + "\n", "utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(v)}" for name, v in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):  # JSON's escapes are TOML's, but for this one
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
