"""How large an image may be, in pixels and in memory."""

from figureground.errors import UsageError

MAX_PIXELS = 250_000_000  # what a sound file may unpack to
# A solid colour packs a thousand pixels into a byte, a photograph at its worst some thirty: a file
# that promises more than this is a bomb as soon as what it unpacks to would fill the memory.
DENSE_PIXELS = 50_000_000
PIXELS_PER_BYTE = 100
UNITS = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def parse_bytes(text: str) -> int:
    """`500M`, `4G` or `2.5GB` as bytes. Raises UsageError where it is none, or no more than 0."""
    short = text.strip().removesuffix("B").removesuffix("b").removesuffix("i")
    unit = short[-1:].upper().replace("K", "k")
    try:
        number = float(short[:-1] if unit in UNITS else short) * UNITS.get(unit, 1)
    except ValueError:
        number = 0.0
    if not 1 <= number < 2**63:
        raise UsageError(f"write bytes of memory, such as 500M or 4G, not {text!r}")
    return int(number)
