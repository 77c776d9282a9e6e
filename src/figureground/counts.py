"""Counts as words, in the singular and the plural."""


def counted(number: int, unit: str, *, of: int | None = None) -> str:
    """A count with its noun: `1 image`, `3 images`, `1 of 12 images`.

    Args:
        number: how many.
        unit: what is counted, in the plural: "images", "videos and images".
        of: of how many in all, where that is told.
    """
    whole = number if of is None else of
    noun = unit.removesuffix("s") if whole == 1 else unit
    return f"{number} {noun}" if of is None else f"{number} of {of} {noun}"


def are(number: int) -> str:
    """`is` of one thing, `are` of any other number."""
    return "is" if number == 1 else "are"
