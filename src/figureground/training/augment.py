"""Augmentation: a sample, float32 (S, S, 4) of RGB and alpha in 0..1, becomes another such sample.

Every function draws from a seed, an int tensor of two numbers, and from nothing else: the same seed
gives the same sample whichever worker computes it, so that a resumed run sees the same pictures.
"""

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import tensorflow as tf

WHOLE = 0.35  # share of samples that keep (nearly) the whole picture
STEEPEST = 0.52  # radians, of the camera
LYING = 0.12  # share of samples turned by 90 or 180 degrees
HALF_TURNS = 0.1  # share of those that stand on their heads
SMALLEST = 0.3  # smallest side of a crop, as a share of the picture's: faces and half-bodies


@dataclass
class Dice:
    """A seed that gives a new number each time it is asked, in a fixed order."""

    seed: tf.Tensor
    throws: int = 0

    def split(self) -> tf.Tensor:
        """A seed of its own for one operation."""
        self.throws += 1
        return tf.random.fold_in(self.seed, self.throws)

    def uniform(self, low: float, high: float, shape=()) -> tf.Tensor:
        """Even between two bounds."""
        return tf.random.stateless_uniform(shape, self.split(), low, high)

    def chance(self, share: float) -> tf.Tensor:
        """True in a given share of throws."""
        return self.uniform(0.0, 1.0) < share


def draw_box(alpha: tf.Tensor, dice: Dice) -> tf.Tensor:
    """A crop around some point of the person: top, left, bottom, right as shares of the picture.

    alpha: (S, S). Aspect ratios from 3:4 to 4:3 of the picture's own.
    """
    whole = dice.chance(WHOLE)
    side = tf.where(whole, dice.uniform(0.85, 1.0), dice.uniform(SMALLEST, 1.0))
    aspect = tf.exp(dice.uniform(-0.28, 0.28) * tf.where(whole, 0.3, 1.0))
    height = tf.minimum(1.0, side * aspect)
    width = tf.minimum(1.0, side / aspect)
    small = tf.image.resize(alpha[..., None], (32, 32), method="area")[..., 0]
    points = tf.cast(tf.where(small > 0.5), tf.float32)  # (n, 2)
    points = tf.concat([points, tf.constant([[15.5, 15.5]])], axis=0)  # a picture without people
    count = tf.maximum(1, tf.shape(points)[0] - 1)
    pick = tf.cast(dice.uniform(0.0, 1.0) * tf.cast(count, tf.float32), tf.int32)
    centre = (points[tf.minimum(pick, count)] + 0.5) / 32
    centre += (dice.uniform(-0.5, 0.5, (2,))) * tf.stack([height, width]) * 0.8
    top = tf.clip_by_value(centre[0] - height / 2, 0.0, 1.0 - height)
    left = tf.clip_by_value(centre[1] - width / 2, 0.0, 1.0 - width)
    return tf.stack([top, left, top + height, left + width])


def crop(sample: tf.Tensor, box: tf.Tensor, size: int) -> tf.Tensor:
    """Cut a box out and bring it to (size, size, 4), without aliasing."""
    cut = tf.numpy_function(partial(_cut, size=size), [sample, box], tf.float32, stateful=False)
    return tf.ensure_shape(cut, (size, size, 4))


def _cut(sample: np.ndarray, box: np.ndarray, *, size: int) -> np.ndarray:
    """OpenCV's resizing: several times as fast as TensorFlow's antialiased one."""
    top, left, bottom, right = np.rint(box * sample.shape[0]).astype(int)
    shrinks = min(bottom - top, right - left) > size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(sample[top:bottom, left:right], (size, size), interpolation=method)


def turn(sample: tf.Tensor, dice: Dice) -> tf.Tensor:
    """Rotate by up to 30 degrees, most often by few, mirrored at the borders."""
    angle = STEEPEST * dice.uniform(-1.0, 1.0) ** 3
    half = (tf.cast(tf.shape(sample)[0], tf.float32) - 1) / 2
    cos, sin = tf.cos(angle), tf.sin(angle)
    shift_x = half - (cos * half - sin * half)
    shift_y = half - (sin * half + cos * half)
    matrix = tf.stack([cos, -sin, shift_x, sin, cos, shift_y, 0.0, 0.0])
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=sample[None],
        transforms=matrix[None],
        output_shape=tf.shape(sample)[:2],
        interpolation="BILINEAR",
        fill_mode="REFLECT",
        fill_value=0.0,
    )[0]


def lay_down(sample: tf.Tensor, dice: Dice) -> tf.Tensor:
    """A quarter turn either way, sometimes a half: who lies, hangs or somersaults."""
    throw = dice.uniform(0.0, 1.0)
    quarters = tf.where(throw < HALF_TURNS, 2, tf.where(throw < (1 + HALF_TURNS) / 2, 1, 3))
    return tf.image.rot90(sample, quarters)


def relight(rgb: tf.Tensor, dice: Dice) -> tf.Tensor:
    """Exposure, contrast, white balance, saturation, grey and low light."""
    gamma = tf.exp(dice.uniform(-0.35, 0.35))
    balance = tf.exp(dice.uniform(-0.12, 0.12, (3,)))
    dark = tf.where(dice.chance(0.08), dice.uniform(0.15, 0.5), dice.uniform(0.75, 1.25))
    contrast = dice.uniform(0.75, 1.3)
    saturation = tf.where(dice.chance(0.06), 0.0, dice.uniform(0.6, 1.4))
    settings = [rgb, gamma, balance * dark, contrast, saturation]
    return tf.ensure_shape(tf.numpy_function(_relit, settings, tf.float32, False), rgb.shape)


def _relit(rgb: np.ndarray, gamma, gain, contrast, saturation) -> np.ndarray:
    """A curve, then all that is linear in one matrix: two passes over the picture, not twenty."""
    rgb = cv2.pow(np.maximum(rgb, 1e-4), float(gamma))
    mean = np.array(cv2.mean(rgb)[:3])
    colors = saturation * np.eye(3) + (1 - saturation) * np.array([0.299, 0.587, 0.114])
    matrix = np.column_stack([colors * (contrast * gain), colors @ ((1 - contrast) * gain * mean)])
    return np.clip(cv2.transform(rgb, matrix), 0, 1, dtype=np.float32)


def degrade(rgb: tf.Tensor, dice: Dice) -> tf.Tensor:
    """What cameras and senders do to a picture: blur, noise, JPEG."""
    size = tf.shape(rgb)[:2]
    factor = dice.uniform(0.35, 0.8)
    if_blurred = dice.chance(0.12)
    if_noisy = dice.chance(0.2)
    if_jpeg = dice.chance(0.2)
    noise_seed, jpeg_seed = dice.split(), dice.split()
    sigma = dice.uniform(0.0, 0.06)

    def blurred():
        small = tf.cast(tf.cast(size, tf.float32) * factor, tf.int32)
        return tf.image.resize(tf.image.resize(rgb, small, antialias=True), size)

    rgb = tf.cond(if_blurred, blurred, lambda: rgb)
    noisy = rgb
    rgb = tf.cond(
        if_noisy,
        lambda: noisy + sigma * tf.random.stateless_normal(tf.shape(noisy), noise_seed),
        lambda: noisy,
    )
    clean = tf.clip_by_value(rgb, 0.0, 1.0)
    return tf.cond(
        if_jpeg,
        lambda: tf.image.stateless_random_jpeg_quality(clean, 30, 90, jpeg_seed),
        lambda: clean,
    )


def augment(sample: tf.Tensor, seed: tf.Tensor, size: int) -> tf.Tensor:
    """Flip, crop, turn, relight, degrade; (S, S, 4) to (size, size, 4)."""
    dice = Dice(seed)
    box = draw_box(sample[..., 3], dice)
    sample = crop(sample, box, size)
    sample = tf.cond(dice.chance(0.5), lambda: sample[:, ::-1], lambda: sample)
    standing, laid = sample, Dice(dice.split())
    sample = tf.cond(dice.chance(LYING), lambda: lay_down(standing, laid), lambda: standing)
    upright, turned = sample, Dice(dice.split())
    sample = tf.cond(dice.chance(0.25), lambda: turn(upright, turned), lambda: upright)
    rgb = degrade(relight(sample[..., :3], dice), dice)
    return tf.ensure_shape(tf.concat([rgb, sample[..., 3:]], axis=-1), (size, size, 4))


def recompose(sample: tf.Tensor, background: tf.Tensor, dice: Dice) -> tf.Tensor:
    """Put the sample's people before another background, (S, S, 3), brought to their light."""
    rgb, alpha = sample[..., :3], sample[..., 3:]
    match = tf.reduce_mean(rgb) / (tf.reduce_mean(background) + 1e-3)
    background *= 1 + (tf.clip_by_value(match, 0.5, 2.0) - 1) * dice.uniform(0.0, 1.0)
    mixed = alpha * rgb + (1 - alpha) * tf.clip_by_value(background, 0.0, 1.0)
    return tf.concat([mixed, alpha], axis=-1)


def paste(sample: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Put the people of `other` before those of `sample`; both (S, S, 4)."""
    over = other[..., 3:]
    rgb = over * other[..., :3] + (1 - over) * sample[..., :3]
    return tf.concat([rgb, over + (1 - over) * sample[..., 3:]], axis=-1)
