"""Which formats a client takes, by its `Accept`."""

from figureground.serve.problems import Problem

TYPES = {
    "png": "image/png",
    "apng": "image/apng",
    "webp": "image/webp",
    "avif": "image/avif",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "zip": "application/zip",
}
JSON = "application/json"
OFFERED = ("png", "webp", "avif", "jpg", "gif", "tiff")  # best first, where all are alike


def accepted(header: str) -> tuple[list[str], bool]:
    """The formats that an `Accept` takes, best first, and whether it asks for JSON.

    Raises:
        Problem: 406 where it takes none.
    """
    ranges = [found for part in header.split(",") if (found := _range(part))]
    if not ranges:
        return [OFFERED[0]], False
    wants_json = max((share for name, share in ranges if name == JSON), default=0.0)
    shares = {ending: _share(TYPES[ending], ranges) for ending in OFFERED}
    formats = sorted((one for one in OFFERED if shares[one] > 0), key=lambda one: -shares[one])
    named = max((shares[one] for one in formats), default=0.0)
    if wants_json and wants_json >= named:
        return formats or [OFFERED[0]], True
    if not formats:
        offered = ", ".join(TYPES[one] for one in OFFERED)
        raise Problem(406, "not_acceptable", f"there are {offered} and {JSON}")
    return formats, False


def _range(part: str) -> tuple[str, float] | None:
    """A media range and its share, 0 to 1; None where there is none."""
    name, *parameters = (word.strip().lower() for word in part.split(";"))
    share = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                share = min(max(float(value), 0.0), 1.0)
            except ValueError:
                share = 0.0
    return (name, share) if name else None


def _share(kind: str, ranges: list[tuple[str, float]]) -> float:
    """How welcome a type is: by its own name, else its family's, else that of all."""
    for wanted in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        found = [share for name, share in ranges if name == wanted]
        if found:
            return found[0]
    return 0.0
