"""Keep a film's matte from flickering: what moved nowhere and looks the same stays the same.

The last matte is moved along with the picture (dense inverse search: Kroeger et al., "Fast Optical
Flow using Dense Inverse Search", ECCV 2016). Where the moved picture looks like the new one, the
new matte is drawn towards the moved one; where it does not, as behind a person who walks on, or
where the two mattes contradict each other outright, the new matte stands. A change of scene clears
the memory. Where the moved picture looks like the new one nearly everywhere, the moved matte is as
good as a new one, and every second frame can do without the network. All of it happens at the size
of the network's input, so it costs little.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha

HOLD = 0.9  # how far a matte is drawn to the last one where all agrees
COLOR = 0.1  # difference of colour, of white, at which the pull has fallen to 1/e
MATTE = 1.2  # the same of the mattes' difference
AREA = 3  # side of the squares that colours are compared over, pixels of the input
DOUBT = 0.05  # mean lack of likeness up to which a forecast can stand for the network's matte
AROUND = 15  # how far around the person it has to be alike, pixels of the input
SPARE = 0.02  # a matte below counts as nobody
CUT = 0.25  # mean difference of neighbouring pictures, of white, that may be a change of scene ...
APART = 0.5  # ... and is one if their colours' histograms overlap less than this

Maps = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What is known of the last frame."""

    square: Maps  # what the network saw, float32 (rows, columns, 3), 0 to 1
    alpha: Alpha  # the steadied matte, float32 (rows, columns), 0 to 1
    guessed: bool = False  # the matte is what was foreseen, without a look at the frame itself


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What the last frame says of this one; all float32 (rows, columns), 0 to 1."""

    alpha: Alpha  # the last matte, moved along
    likeness: Maps  # how far to believe it

    @property
    def is_sure(self) -> bool:
        """Whether it can be believed all over: the whole picture, the person, the person's edge."""
        seen = (self.alpha > SPARE).view(np.uint8)
        edge = seen & (self.alpha < 1 - SPARE)
        near = [cv2.dilate(part, np.ones((side, side), np.uint8))
                for part, side in ((seen, AROUND), (edge, AROUND // 2))]  # fmt: skip
        means = [cv2.mean(self.likeness)[0]]
        means += [cv2.mean(self.likeness, part)[0] for part in near if part.any()]
        return min(means) > 1 - DOUBT


def foresee(square: Maps, memory: Memory | None) -> Forecast | None:
    """The last matte, moved to where `square` shows the same things; None after a change of scene.

    square: what the network sees of the new frame, float32 (rows, columns, 3), 0 to 1.
    """
    if memory is None or memory.square.shape != square.shape or is_cut(memory.square, square):
        return None
    moved_square, moved_alpha = _follow(memory, square)
    return Forecast(alpha=moved_alpha, likeness=_likeness(moved_square, square))


def settle_on(alpha: Alpha, forecast: Forecast | None) -> Alpha:
    """A matte drawn towards what was foreseen, as far as that can be believed.

    alpha: what the network found, float32 (rows, columns), 0 to 1; so is what is returned.
    """
    if forecast is None:
        return alpha
    apart = forecast.alpha - alpha
    pull = HOLD * forecast.likeness * np.exp(-((apart / MATTE) ** 2))
    return np.asarray(alpha + pull * apart, np.float32)


def is_cut(before: Maps, after: Maps) -> bool:
    """Whether a film changes scene between two frames, float32 (rows, columns, 3), 0 to 1.

    Movement changes pixels, but hardly the histogram of colours; a new scene changes both.
    """
    change = sum(cv2.mean(cv2.absdiff(before, after))[:3]) / 3
    if not CUT / 4 < change < CUT:  # most frames: spares the histograms
        return change >= CUT
    counts = [_histogram(square) for square in (before, after)]
    return float(np.minimum(*counts).sum()) < APART


def _histogram(square: Maps) -> Maps:
    """Shares of pixels by colour, 8 levels a channel, float32 (8, 8, 8), summing to 1."""
    counts = cv2.calcHist([square], [0, 1, 2], None, [8] * 3, [0, 1.001] * 3)
    return np.asarray(counts / counts.sum(), np.float32)


def _follow(memory: Memory, square: Maps) -> tuple[Maps, Alpha]:
    """The last frame and its matte, moved to where the new frame shows the same things."""
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    still = np.zeros((*memory.alpha.shape, 2), np.float32)
    flow = np.asarray(finder.calc(_grey(square), _grey(memory.square), still))
    rows, columns = np.indices(memory.alpha.shape, np.float32)
    moved = [
        cv2.remap(
            array,
            columns + flow[..., 0],
            rows + flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for array in (memory.square, memory.alpha)
    ]
    return np.asarray(moved[0], np.float32), np.asarray(moved[1], np.float32)


def _grey(square: Maps) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(cv2.convertScaleAbs(square, alpha=255), cv2.COLOR_RGB2GRAY))


def _likeness(first: Maps, second: Maps) -> Maps:
    """How alike two pictures are around each pixel, float32 (rows, columns), 0 to 1."""
    apart = cv2.transform(cv2.absdiff(first, second), np.full((1, 3), 1 / 3, np.float32))
    return np.asarray(np.exp(-((cv2.blur(apart, (AREA, AREA)) / COLOR) ** 2)), np.float32)
