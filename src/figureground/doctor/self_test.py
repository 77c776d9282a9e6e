"""An image made on the spot goes all the way to a cutout, timed."""

import io
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from figureground.arrays import Alpha, Size
from figureground.doctor.finding import BROKEN, GOOD, NOTE, Finding
from figureground.errors import FiguregroundError
from figureground.models.shipped import MODEL, VIDEO_MODEL, find_model
from figureground.resources import cores

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 1024  # pixels; about one megapixel
WALL = 0.6  # level of what is behind the person, 0 to 1
LIKE = 0.9  # IoU with the matte that the network is known to make
SLOW = 0.25  # seconds of a network; two cores with AVX2 take a fifth of it
OURS = 0.6  # of the cores' time; networks that run alone have more
STEPS = ("libraries", "decode", VIDEO_MODEL, MODEL, "edges", "encode", "result")
ODD = (FiguregroundError, ImportError, OSError, RuntimeError, ValueError, MemoryError)


class Timed:
    """An engine that notes how long its last call took, and its share of the cores' time."""

    def __init__(self, engine: Any) -> None:
        self._engine, self.seconds, self.ours = engine, 0.0, 1.0

    @property
    def size(self) -> Size:
        """Rows and columns of the network's input, pixels."""
        size: Size = self._engine.size
        return size

    def __call__(self, image: "NDArray[Any]") -> Alpha:
        """Matte of an image; see `Engine`."""
        began, worked = time.perf_counter(), time.process_time()
        alpha: Alpha = self._engine(image)
        self.seconds = time.perf_counter() - began
        self.ours = (time.process_time() - worked) / max(self.seconds, 1e-9) / cores()
        return alpha

    def resized(self, size: Size) -> "Timed":
        """Return this one: the self-test asks for no other size."""
        return self


def run_self_test(side: int = SIDE) -> Iterator[Finding]:
    """Yield how long each step took, up to one that does not work.

    side: of the image, pixels.
    """
    done = 0
    try:
        for finding in _steps(side):
            yield finding
            done += 1
    except ODD as error:
        reason = f"{type(error).__name__}: {error}"
        yield Finding("self-test", STEPS[done], BROKEN, reason, "install figureground anew")


def _steps(side: int) -> Iterator[Finding]:
    began = time.perf_counter()
    from figureground.engines import open_engine
    from figureground.jobs.cutout import Cutout
    from figureground.matting.image_alpha import estimate_alpha
    from figureground.media.images import read_image
    from figureground.models.photograph import photograph
    from figureground.report.overlap import iou

    yield _step("libraries", "loaded", time.perf_counter() - began)
    rgb, known = photograph(side)
    data = _jpeg(rgb * known[..., None] + WALL * (1 - known[..., None]))
    began = time.perf_counter()
    image = read_image(data)
    yield _step("decode", f"{side}x{side} JPEG", time.perf_counter() - began)
    for name in (VIDEO_MODEL, MODEL):
        engine = Timed(open_engine(find_model(name)))
        estimate_alpha(image.rgb, engine)  # the first call prepares the network
        began = time.perf_counter()
        alpha = estimate_alpha(image.rgb, engine)
        whole = time.perf_counter() - began
        yield _network(name, engine)
    yield _step("edges", "refined, all but the network", whole - engine.seconds)
    began = time.perf_counter()
    size = len(Cutout(original=image, alpha=alpha).to_bytes("png"))
    yield _step("encode", f"PNG, {size / 1e6:.1f} MB", time.perf_counter() - began)
    yield _result(iou(alpha > 0.5, known > 0.5))


def _jpeg(rgb: "NDArray[Any]") -> bytes:
    """The file of an image, float32 (H, W, 3), 0 to 1."""
    import numpy as np
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.rint(rgb * 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def _step(name: str, value: str, seconds: float) -> Finding:
    return Finding("self-test", name, GOOD, value, seconds=seconds)


def _network(name: str, engine: Timed) -> Finding:
    value = f"network of {engine.size[1]}x{engine.size[0]}"
    if engine.seconds > SLOW:
        advice = "the processor is slow, saves power, or lacks what stands above"
        if engine.ours < OURS:
            advice = f"others hold the processor: {engine.ours:.0%} of it were ours"
        return Finding("self-test", name, NOTE, value, advice, engine.seconds)
    return _step(name, value, engine.seconds)


def _result(like: float) -> Finding:
    value = f"IoU {like:.3f} with what is known"
    if like >= LIKE:
        return Finding("self-test", "result", GOOD, value)
    advice = "the network does not see what it should: install figureground anew"
    return Finding("self-test", "result", BROKEN, value, advice)
