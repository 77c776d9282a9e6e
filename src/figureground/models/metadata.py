"""What an exported network says of itself.

A `.tflite` file is a FlatBuffer, which readers enter from its front; a zip archive is read from its
end. The card is a zip entry appended to the network, as TensorFlow Lite's own metadata packs its
associated files: one file holds both, and every reader finds its part.
"""

import json
import zipfile
import zlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from figureground.arrays import Size
from figureground.errors import ModelError

ENTRY = "figureground.json"
FORMAT = 2


@dataclass(frozen=True, kw_only=True)
class ModelMetadata:
    """What a caller must know to run a network, and where it comes from."""

    preset: str
    size: Size  # rows and columns of the input
    color: str = "RGB"  # order of the input's channels
    low: float = 0.0  # value of black at the input
    high: float = 1.0  # value of white at the input
    # Where the file holds the size of an upsampling's result, two int32 from that byte on, and how
    # many pixels of the input one pixel of it is: all that ties the network to its size.
    upsamplings: tuple[tuple[int, int], ...] = ()
    format: int = FORMAT


def write_metadata(path: Path, card: ModelMetadata) -> None:
    """Append a card to an exported network."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(ENTRY), json.dumps(asdict(card)))


def read_metadata(path: Path) -> ModelMetadata:
    """The card of an exported network.

    Raises:
        ModelError: the file has none, or one that this version does not understand.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            values = json.loads(archive.read(ENTRY))
    except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(
            f"{str(path)!r} is not a network that figureground exported: it carries no card; "
            "make one with `figureground export RUN`"
        ) from error
    if not isinstance(values, dict):
        values = {}
    if values.get("format") != FORMAT or set(values) != {
        field.name for field in fields(ModelMetadata)
    }:
        raise ModelError(
            f"{str(path)!r} was exported by another version of figureground (format "
            f"{values.get('format')}, this one reads {FORMAT}); export it again"
        )
    upsamplings = tuple((int(place), int(pixels)) for place, pixels in values["upsamplings"])
    return ModelMetadata(**{**values, "size": tuple(values["size"]), "upsamplings": upsamplings})
