"""What a worker does with one request: read the image, find the people, draw and encode."""

import io
import math
import sys
import traceback
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np

from figureground.arrays import Alpha
from figureground.errors import ExtraError, ImageError, UsageError
from figureground.jobs.cutout import Cutout
from figureground.jobs.drawing import reshape
from figureground.jobs.job import ImageJob
from figureground.jobs.kinds import OUTPUTS
from figureground.jobs.outputs import encode_outputs
from figureground.jobs.remover import Remover
from figureground.jobs.style import read_style
from figureground.media.formats import check_format
from figureground.media.images import DecodedImage, read_image
from figureground.media.sources import open_image
from figureground.resources import default_budget
from figureground.serve.fetching import Fetcher
from figureground.serve.options import read_job

NOBODY = "nobody"
KEPT = 2  # networks that stay loaded
Answer = tuple[dict[str, Any], list[bytes]]


class Desk:
    """Works on requests, one after the other, with the networks it has loaded."""

    def __init__(self, about: dict[str, Any]) -> None:
        """Load the usual network.

        about: its name, `model`, `threads` for each, `max_pixels` and `max_memory` of an image, and
            how many `workers` share what memory there is.
        """
        self._about = about
        self.max_memory: int = about["max_memory"] or default_budget() // about["workers"]
        self._fetcher = Fetcher(about["max_bytes"])
        self._removers: dict[tuple[str, bool], Remover] = {}
        self._remover(about["model"], raw=False)

    def work(self, header: dict[str, Any], parts: list[bytes]) -> Answer:
        """Answer one request; whatever goes wrong is told.

        Args:
            header: `fields`, the options; `files`, the names of the images among `parts`;
                `formats`, which may be had, best first; `url` and `background_url`, of images that
                are fetched; and for remove.bg `limit`, pixels of the result, `roi` and `zip`.
            parts: content of the files.
        """
        try:
            return self._work(header, dict(zip(header["files"], parts, strict=True)))
        except UsageError as error:
            return _refusal(400, "invalid_option", error)
        except ExtraError as error:
            return _refusal(415, "unsupported_image", error)
        except ImageError as error:
            return _refusal(422, "unreadable_image", error)
        except MemoryError:
            return _refusal(
                422, "image_too_large", ImageError("it needs more memory than there is")
            )
        except Exception as error:  # noqa: BLE001 - the worker goes on with the next request
            traceback.print_exc(file=sys.stderr)
            return _refusal(500, "failed", ImageError(f"it failed with {type(error).__name__}"))

    def _work(self, header: dict[str, Any], files: dict[str, bytes]) -> Answer:
        began = perf_counter()
        for name, key in (("image", "url"), ("background", "background_url")):
            if header.get(key):
                files[name] = self._fetcher.fetch(header[key])
        job = read_job(header["fields"], files, colors=True)
        job = replace(job, format=choose_format(job, header["formats"]))
        remover, style = self._remover(str(job.model), raw=job.raw), read_style(job)
        cutout = find(remover, files["image"], header)
        told = tell(cutout, reshape(cutout.alpha, style))
        if told["person"]["empty"] and job.on_empty != "keep":
            error = ImageError("there is nobody in this image")
            return _refusal(422 if job.on_empty == "fail" else 204, NOBODY, error)
        targets = _targets(job, zipped=header.get("zip", False))
        results = encode_outputs(cutout, targets, style, job.encoding)
        data = first = next(iter(results.values()))
        ending = job.format
        if header.get("zip"):
            data, ending = _zipped(results), "zip"
        told |= {"model": str(job.model), "format": ending, "seconds": perf_counter() - began}
        return {"state": "done", **told, **size_of(first)}, [data]

    def _remover(self, model: str, *, raw: bool) -> Remover:
        key = model, raw
        if key not in self._removers:
            while len(self._removers) >= KEPT:
                self._removers.pop(next(iter(self._removers)))
            self._removers[key] = Remover(
                model,
                threads=self._about["threads"],
                max_pixels=self._about["max_pixels"],
                max_memory=self.max_memory,
                raw=raw,
            )
        return self._removers[key]


def choose_format(job: ImageJob, formats: Sequence[str]) -> str:
    """The first format that holds what is asked for. Raises UsageError where none does."""
    failure: UsageError | None = None
    for ending in formats or [job.format]:
        try:
            for kind in job.wanted_kinds:
                check_format(
                    Path(f"result.{ending}"),
                    alpha=OUTPUTS[kind].transparent,
                    lossless=job.encoding.lossless,
                )
            return ending
        except UsageError as error:
            failure = failure or error
    raise failure or UsageError("no format is asked for")


def find(remover: Remover, data: bytes, header: dict[str, Any]) -> Cutout:
    """The people in an image, or in a part of it, at most so many pixels."""
    limit, roi = header.get("limit"), header.get("roi")
    if limit is None and roi is None:
        return remover.remove(data)
    image = read_image(data, max_pixels=remover.max_pixels, max_memory=remover.max_memory)
    size = image.rgb.shape[:2]
    if limit is not None and math.prod(size) > limit:
        image = _shrunk(image, math.sqrt(limit / math.prod(size)))
    if roi is None:
        return remover.remove(image)
    top, left, bottom, right = _corners(roi, size, image.rgb.shape[:2])
    inside = slice(top, bottom), slice(left, right)
    part = replace(
        image,
        pixels=np.ascontiguousarray(image.pixels[inside]),
        rgb=np.ascontiguousarray(image.rgb[inside]),
        alpha=None if image.alpha is None else np.ascontiguousarray(image.alpha[inside]),
    )
    alpha = np.zeros(image.rgb.shape[:2], np.float32)
    alpha[inside] = remover.remove(part).alpha
    return Cutout(original=image, alpha=alpha)


def _shrunk(image: DecodedImage, factor: float) -> DecodedImage:
    """An image with so many times the pixels of each side."""
    height, width = (max(1, int(side * factor)) for side in image.rgb.shape[:2])

    def small(array: Any) -> Any:
        return cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA)

    pixels = small(image.pixels)
    return replace(
        image,
        pixels=pixels,
        rgb=pixels if image.rgb is image.pixels else small(image.rgb),
        alpha=None if image.alpha is None else small(image.alpha),
    )


def _corners(roi: Sequence[str], size: Sequence[int], shown: Sequence[int]) -> list[int]:
    """Top, left, bottom and right of `x1 y1 x2 y2`, each in percent or pixels of the whole image."""
    places = []
    for text, axis in zip(roi, (1, 0, 1, 0), strict=True):
        number = float(text.rstrip("px%"))
        share = number / 100 if text.endswith("%") else number / size[axis]
        places.append(round(min(max(share, 0.0), 1.0) * shown[axis]))
    left, right = sorted(places[0::2])
    top, bottom = sorted(places[1::2])
    if top == bottom or left == right:
        raise UsageError(f"roi holds no pixel of this image: {' '.join(roi)!r}")
    return [top, left, bottom, right]


def _targets(job: ImageJob, *, zipped: bool) -> dict[str, Path]:
    if zipped:
        return {"foreground": Path("color.jpg"), "mask": Path("alpha.png")}
    return {kind: Path(f"result.{job.format}") for kind in job.wanted_kinds[:1]}


def _zipped(results: dict[Path, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, data in results.items():
            archive.writestr(path.name, data)
    return stream.getvalue()


def tell(cutout: Cutout, shown: Alpha) -> dict[str, Any]:
    """Size of the source, whether anybody is in it, and where those are who are shown.

    shown: the matte as it was asked for, float32 (H, W).
    """
    height, width = shown.shape
    seen = shown > 0.5
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    box = None
    if rows.size:
        left, top = int(columns[0]), int(rows[0])
        box = [left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top]
    presence = cutout.presence
    return {
        "source": {"width": width, "height": height},
        "person": {
            "box": box,  # left, top, width, height; None where there is nobody
            "share": round(presence.share, 6),
            "confidence": round(presence.confidence, 4),
            "empty": presence.empty,
        },
    }


def size_of(data: bytes) -> dict[str, int]:
    """Columns and rows of an encoded image."""
    with open_image(io.BytesIO(data), name="the result") as image:
        return {"width": image.width, "height": image.height}


def _refusal(status: int, code: str, error: BaseException) -> Answer:
    detail = " ".join(str(error).split())
    return {"state": "refused", "status": status, "code": code, "detail": detail[:300]}, []
