"""The time of day, or of a reel, that a video's first frame bears: `01:02:03:04`.

Frames are counted, not seconds. At 29.97 frames a second a count of 30 falls behind the clock, so
drop-frame counts leave out the numbers 0 and 1 of each minute, but of each tenth: SMPTE ST 12-1.
"""

import re
from fractions import Fraction
from math import ceil

SHAPE = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)([:;.,])(\d\d)")
DAY = 24  # hours


def shifted(code: str, rate: Fraction, *, start: Fraction, result: Fraction) -> str | None:
    """Return the timecode of a result's first frame; None where the source's is none.

    Args:
        code: of the source's first frame; a semicolon before the frames means drop-frame.
        rate: frames per second of the source.
        start: seconds of the source that the result leaves out.
        result: frames per second of the result.
    """
    match = SHAPE.fullmatch(code)
    whole = round(rate)
    if match is None or whole < 1 or int(match[5]) >= whole:
        return None
    drops = match[4] != ":"
    if drops and not can_drop(rate):
        return None
    number = _number_of(match, whole, drops=drops) + ceil(start * rate - Fraction(1, 1000))
    if result != rate:
        ratio = result / rate if drops else Fraction(max(1, round(result)), whole)
        number, drops = round(number * ratio), drops and can_drop(result)
    return _spell(number, max(1, round(result)), drops=drops)


def can_drop(rate: Fraction) -> bool:
    """Return whether a rate's count runs apart from the clock: 29.97, 59.94 and so on."""
    return round(rate) % 30 == 0


def _number_of(match: re.Match[str], rate: int, *, drops: bool) -> int:
    hours, minutes, seconds = (int(match[part]) for part in (1, 2, 3))
    minutes += hours * 60
    number = (minutes * 60 + seconds) * rate + int(match[5])
    return number - _dropped(rate) * (minutes - minutes // 10) if drops else number


def _spell(number: int, rate: int, *, drops: bool) -> str:
    if drops:
        left_out = _dropped(rate)
        tens, rest = divmod(number, 600 * rate - 9 * left_out)
        minutes = max(0, rest - left_out) // (60 * rate - left_out)
        number += left_out * (9 * tens + minutes)
    seconds, frames = divmod(number, rate)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    mark = ";" if drops else ":"
    return f"{hours % DAY:02}:{minutes:02}:{seconds:02}{mark}{frames:02}"


def _dropped(rate: int) -> int:
    """Return how many numbers a minute leaves out: 2 of 30."""
    return rate // 15
