"""Augmentation: a sample, uint8 (S, S, 4) of RGB and alpha, becomes another view of the same.

First where it is seen from, then, once people and backgrounds are mixed, how it was taken. Every
function draws from the generator it is given and from nothing else: the same seed gives the same
sample whichever worker computes it, so that a resumed run sees the same images. All is done by
OpenCV, which leaves Python's lock to others meanwhile.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Rgb
from figureground.matting.crop_refinement import Region, propose_crop
from figureground.matting.letterbox import plan_letterbox

WHOLE = 0.35  # share of samples that keep (nearly) the whole image
SMALLEST = 0.3  # smallest side of a crop, as a share of the image's: faces and half-bodies
MIRRORED = 0.5  # share of samples
CLOSER = 0.5  # share of natural samples that show what a second look at small people would
LYING, INVERTED = 0.12, 0.1  # share of samples turned by quarters; of those that stand on heads
TURNED, ANGLE = 0.25, 30.0  # share of samples, and degrees at most, most often few
SLANTED, SLANT = 0.2, 0.08  # share of samples, and how far a corner moves, as a share of the side
SILHOUETTE, SHADE = 0.04, 0.3  # share of samples with people against the light, and what is left
DARK = 0.08  # share of samples in low light
GREY = 0.06  # share of samples without colour
BLURRED, NOISY, PACKED = 0.12, 0.2, 0.2  # shares of samples
LUMA = (0.299, 0.587, 0.114)  # Rec. 601

Sample = NDArray[np.uint8]  # (S, S, 4): RGB and alpha
Random = np.random.Generator


def frame(square: Sample, random: Random, size: int) -> Sample:
    """Draw a sample as a camera elsewhere would show it: scaled, cropped, mirrored, turned, in perspective.

    square: (S, S, 4). Returns (size, size, 4).
    """
    sample = crop(square, draw_box(square[..., 3], random), size)
    if random.random() < MIRRORED:
        sample = sample[:, ::-1]
    if random.random() < LYING:
        sample = lay_down(sample, random)
    angle = ANGLE * random.uniform(-1.0, 1.0) ** 3 if random.random() < TURNED else 0.0
    slant = random.uniform(-SLANT, SLANT, (4, 2)) if random.random() < SLANTED else np.zeros((4, 2))
    if angle or slant.any():
        return warp(sample, angle, slant)
    return np.ascontiguousarray(sample)


def natural(square: Sample, random: Random, size: int) -> Sample:
    """Frame a sample as the network sees images in use: whole or, of small people, closer.

    It is at most mirrored. Crops and zooms show people larger than they are in use, and what a
    network learns last it knows best: Touvron et al., "Fixing the train-test resolution
    discrepancy", NeurIPS 2019.

    square: (S, S, 4). Returns (size, size, 4).
    """
    side = square.shape[0]
    region = None
    if random.random() < CLOSER:
        alpha = np.divide(square[..., 3], 255, dtype=np.float32)
        region = propose_crop(alpha, plan_letterbox((side, side), (side, side)))
    seen = square[(region or Region(top=0, left=0, bottom=side, right=side)).slices]
    sample = _scale(seen, size)
    return np.ascontiguousarray(sample[:, ::-1] if random.random() < MIRRORED else sample)


def draw_box(alpha: NDArray[np.uint8], random: Random) -> tuple[float, float, float, float]:
    """A crop around some point of the person: top, left, bottom, right as shares of the image.

    alpha: (S, S). Aspect ratios from 3:4 to 4:3 of the image's own.
    """
    whole = random.random() < WHOLE
    side = random.uniform(0.85, 1.0) if whole else random.uniform(SMALLEST, 1.0)
    aspect = np.exp(random.uniform(-0.28, 0.28) * (0.3 if whole else 1.0))
    height, width = min(1.0, side * aspect), min(1.0, side / aspect)
    points = np.argwhere(cv2.resize(alpha, (32, 32), interpolation=cv2.INTER_AREA) > 127)
    centre = points[int(random.random() * len(points))] if len(points) else np.array([15.5, 15.5])
    middle = (centre + 0.5) / 32 + random.uniform(-0.4, 0.4, 2) * (height, width)
    top = float(np.clip(middle[0] - height / 2, 0, 1 - height))
    left = float(np.clip(middle[1] - width / 2, 0, 1 - width))
    return top, left, top + height, left + width


def crop(square: Sample, box: tuple[float, float, float, float], size: int) -> Sample:
    """Cut a box out, shares of the image, and bring it to (size, size, 4), without aliasing."""
    top, left, bottom, right = np.rint(np.multiply(box, square.shape[0])).astype(int)
    return _scale(square[top:bottom, left:right], size)


def _scale(seen: Sample, size: int) -> Sample:
    method = cv2.INTER_AREA if min(seen.shape[:2]) > size else cv2.INTER_LINEAR
    return _bytes(cv2.resize(seen, (size, size), interpolation=method))


def lay_down(sample: Sample, random: Random) -> Sample:
    """A quarter turn either way, sometimes a half: who lies, hangs or somersaults."""
    quarters = 2 if random.random() < INVERTED else int(random.choice((1, 3)))
    return np.rot90(sample, quarters)


def warp(sample: Sample, angle: float, slant: NDArray[np.float64]) -> Sample:
    """Turn a sample about its middle and move its corners; borders are filled with reflections.

    angle: degrees, counterclockwise. slant: (4, 2), how far the corners move right and down, as
    shares of the side; the corners are top left, top right, bottom right, bottom left.
    """
    side = sample.shape[0]
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) - 0.5
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = corners @ rotation + slant
    before, after = (((c + 0.5) * side - 0.5).astype(np.float32) for c in (corners, moved))
    matrix = cv2.getPerspectiveTransform(before, after)
    return _bytes(
        cv2.warpPerspective(
            sample, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
    )


def backlight(rgb: Rgb, alpha: NDArray[np.uint8], random: Random) -> Rgb:
    """Sometimes people against the light, dark to black; the rest stays.

    rgb: (S, S, 3); alpha: (S, S). Returns (S, S, 3).
    """
    if random.random() >= SILHOUETTE:
        return rgb
    lost = cv2.merge([alpha] * 3)
    lost = cv2.multiply(rgb, lost, scale=(1 - random.uniform(0, SHADE)) / 255)
    return _bytes(cv2.subtract(rgb, lost))


def take(rgb: Rgb, random: Random) -> Rgb:
    """Return how another camera in another light would have taken it, uint8 (S, S, 3)."""
    dark = random.random() < DARK
    return degrade(relight(rgb, random, dark=dark), random, dark=dark)


def relight(rgb: Rgb, random: Random, *, dark: bool) -> Rgb:
    """Exposure, contrast, white balance, saturation, grey and low light.

    A curve, then all that is linear in one matrix: two passes over the image, not twenty.
    """
    gamma = np.exp(random.uniform(-0.35, 0.35))
    exposure = random.uniform(0.15, 0.5) if dark else random.uniform(0.75, 1.25)
    gain = exposure * np.exp(random.uniform(-0.12, 0.12, 3))  # white balance
    contrast = random.uniform(0.75, 1.3)
    saturation = 0.0 if random.random() < GREY else random.uniform(0.6, 1.4)
    curve = np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    lit = cv2.LUT(rgb, curve)
    mean = np.array(cv2.mean(lit)[:3])
    colors = (saturation * np.eye(3) + (1 - saturation) * np.array(LUMA)) * gain
    matrix = np.column_stack([contrast * colors, (1 - contrast) * (colors @ mean)])
    return _bytes(cv2.transform(lit, matrix))


def degrade(rgb: Rgb, random: Random, *, dark: bool = False) -> Rgb:
    """Harm an image as cameras and senders do: blur, noise (always in the dark), JPEG."""
    side = rgb.shape[0]
    if random.random() < BLURRED:
        small = max(1, round(side * random.uniform(0.35, 0.8)))
        shrunk = cv2.resize(rgb, (small, small), interpolation=cv2.INTER_AREA)
        rgb = _bytes(cv2.resize(shrunk, (side, side)))
    if random.random() < NOISY or dark:
        noise = np.empty((side, rgb.size // side), np.int16)
        cv2.setRNGSeed(int(random.integers(2**31)))  # each thread has its own
        cv2.randn(noise, np.zeros(1), np.array([255 * random.uniform(0.0, 0.06)]))
        rgb = _bytes(cv2.add(rgb, noise.reshape(rgb.shape), dtype=cv2.CV_8U))
    if random.random() < PACKED:
        quality = int(random.integers(30, 91))
        packed = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        rgb = _bytes(cv2.imdecode(packed, cv2.IMREAD_COLOR))
    return rgb


def split(sample: Sample) -> tuple[Rgb, NDArray[np.uint8]]:
    """RGB and alpha apart, several times as fast as slices that are made whole."""
    return _bytes(cv2.cvtColor(sample, cv2.COLOR_RGBA2RGB)), _bytes(cv2.extractChannel(sample, 3))


def join(rgb: Rgb, alpha: NDArray[np.uint8]) -> Sample:
    """RGB and alpha as one array."""
    sample = np.empty((*alpha.shape, 4), np.uint8)
    cv2.mixChannels([rgb, alpha], [sample], [0, 0, 1, 1, 2, 2, 3, 3])
    return sample


def _bytes(array: object) -> Sample:
    return np.asarray(array, np.uint8)
