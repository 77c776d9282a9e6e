"""Count the modules that one image, one frame and one training pair pass, and the changes between them.

    python tools/module_hops.py IMAGE MASK VIDEO [--list]

A module counts once one of its functions is called; a change is a call, or a generator resumed, from
a function of one of our modules into another's. What is imported is not counted.

image: all of `figureground remove IMAGE -o out.png`. frame: what a video of 24 frames costs more
than one of 12, by the frame. pair: an image and its mask, read and brought to a sample of a batch.
"""

import argparse
import inspect
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

OURS = "figureground"
FRAMES = 12
SIDE = 384  # of a sample, pixels

Call = tuple[str, str, str]  # from a module, to a module, its function


def count_calls(work: Callable[[], object]) -> tuple[Counter[str], Counter[Call]]:
    """Do some work; returns how often each module was entered, and each change between two."""
    entered: Counter[str] = Counter()
    changes: Counter[Call] = Counter()

    def look(frame: FrameType, event: str, _: Any) -> None:
        own = _module(frame)
        if event != "call" or not own or not all(map(_is_function, stack := _ours(frame))):
            return
        entered[own] += 1
        if len(stack) > 1 and (caller := _module(stack[1])) != own:
            changes[caller, own, frame.f_code.co_name] += 1

    threading.setprofile(look)
    sys.setprofile(look)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return entered, changes


def _ours(frame: FrameType | None) -> list[FrameType]:
    """The frames of our modules, the innermost first."""
    found = []
    while frame is not None:
        found += [frame] if _module(frame) else []
        frame = frame.f_back
    return found


def _is_function(frame: FrameType) -> bool:
    """Return whether a frame is none of a module or a class, which run when they are imported."""
    return bool(frame.f_code.co_flags & inspect.CO_OPTIMIZED)


def _module(frame: FrameType) -> str:
    """The name of one of our modules; nothing for any other."""
    name = str(frame.f_globals.get("__name__", ""))
    return name if name.split(".")[0] == OURS else ""


def of_image(image: Path, folder: Path) -> tuple[Counter[str], Counter[Call]]:
    """Count what one image passes."""
    from figureground.cli import main

    words = ["remove", str(image), "-o", str(folder / "out.png"), "-q"]
    return count_calls(lambda: main(words))


def of_frame(video: Path, folder: Path) -> tuple[Counter[str], Counter[Call]]:
    """Count what one frame of a video passes, rounded up."""
    from figureground.cli import main

    def remove(frames: int) -> None:
        main(["remove", str(video), "-o", str(folder / f"{frames}.mp4"), "--background", "blue",
              "--frames", str(frames), "-q"])  # fmt: skip

    few, some = count_calls(lambda: remove(FRAMES)), count_calls(lambda: remove(2 * FRAMES))
    return _each(few[0], some[0]), _each(few[1], some[1])


def _each(few: Counter[Any], some: Counter[Any]) -> Counter[Any]:
    """What 12 more frames cost, by the frame; what not every second one costs is left out."""
    more = {key: (some[key] - few[key]) / FRAMES for key in some}
    return Counter({key: round(count) for key, count in more.items() if count > 0.5})


def of_pair(image: Path, mask: Path, _: Path) -> tuple[Counter[str], Counter[Call]]:
    """Count what a training pair passes, from its files to a sample."""
    from figureground.training.mixing import Mixing, sampler
    from figureground.training.sample_cache import cached_sample

    def read() -> None:
        square = cached_sample(image, mask, (SIDE * 3 // 2,) * 2, None)
        make = sampler(np.stack([square] * 2), Mixing(natural=0.5), seed=1, size=SIDE)
        make(0, 0)

    return count_calls(read)


def main() -> None:
    """Print a row each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("mask", type=Path)
    parser.add_argument("video", type=Path)
    parser.add_argument("--list", action="store_true", help="print every change, too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, (entered, changes) in {
            "image": of_image(asked.image, place),
            "frame": of_frame(asked.video, place),
            "pair": of_pair(asked.image, asked.mask, place),
        }.items():
            print(f"{name}: {len(entered)} modules, {changes.total()} changes")
            for (caller, own, function), count in changes.most_common() if asked.list else ():
                print(f"  {count:4} {caller} -> {own}: {function}")


if __name__ == "__main__":
    main()
