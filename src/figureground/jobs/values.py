"""Words of the command line, and of requests, as values; what cannot be read raises as argparse wants."""

import argparse
from fractions import Fraction
from math import isfinite
from typing import cast

from figureground.jobs.style import WORDS, People, Point, Size


def canvas_size(text: str) -> Size:
    """`800x600` as rows and columns."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"write WIDTHxHEIGHT, such as 800x600, not {text!r}")
    return int(height), int(width)


def aspect(text: str) -> float:
    """`3:4` as columns over rows."""
    try:
        width, height = (float(side) for side in text.split(":"))
    except ValueError:
        width = height = 0.0
    if width <= 0 or height <= 0:
        raise argparse.ArgumentTypeError(f"write WIDTH:HEIGHT, such as 3:4, not {text!r}")
    return width / height


def people(text: str) -> People:
    """`all`, `largest`, `centre`, or `120,80;300,90` as points."""
    if text in WORDS:
        return cast(People, text)
    try:
        return tuple(_point(*point.split(",")) for point in text.split(";"))
    except (TypeError, ValueError, argparse.ArgumentTypeError):
        message = f"write {', '.join(WORDS)} or points such as 120,80;300,90, not {text!r}"
        raise argparse.ArgumentTypeError(message) from None


def _point(x: str, y: str) -> Point:
    return number(x), number(y)


def number(text: str) -> float:
    """`0.5` as a number; `nan` and `inf` are none."""
    value = float(text)
    if not isfinite(value):
        raise argparse.ArgumentTypeError(f"write a number, such as 0.5, not {text!r}")
    return value


def rate(text: str) -> Fraction:
    """`25`, `29.97` or `30000/1001` as a number a second."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        message = f"write a number, such as 25 or 30000/1001, not {text!r}"
        raise argparse.ArgumentTypeError(message) from None


def seconds(text: str) -> float:
    """`12.5`, `1:02.5` or `1:00:02` as seconds."""
    total = 0.0
    for word in text.split(":"):
        total = total * 60 + number(word)  # argparse turns a ValueError into a line about usage
    return total


def bits(text: str) -> int:
    """`4M`, `800k` or `1000000` as bits."""
    factor = {"k": 1000, "M": 1_000_000}.get(text[-1:], 1)
    return round(number(text[:-1] if factor > 1 else text) * factor)
