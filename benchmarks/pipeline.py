"""The training pipeline beside the training step it feeds, and beside a tutorial's pipeline.

    python benchmarks/pipeline.py [--images 96] [--rounds 5]

Images of 800 x 600 are made on the spot. In each round, one after the other: our pipeline alone
(decoded once, then crops, turns, light, noise); the pipeline of most tutorials (OpenCV reads,
resizes and flips each image in a `tf.numpy_function`); and the training step of `lite` on a ready
batch. All at 256 x 256, batch 8. Prints the median samples a second of each, and their ratios.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf

from figureground.training.dataset import decode, find_data, training_dataset
from figureground.training.optimizer import compile_network
from figureground.training.recipe import Recipe
from figureground.training.start import start_network

SIZE, BATCH = 256, 8


def make_images(folder: Path, count: int) -> None:
    """Ellipses before soft noise, which JPEG packs about as well as photographs."""
    random = np.random.default_rng(0)
    for room in ("images", "masks"):
        (folder / room).mkdir()
    for number in range(count):
        noise = random.integers(0, 255, (75, 100, 3), np.uint8)
        image = cv2.resize(noise, (800, 600), interpolation=cv2.INTER_CUBIC)
        mask = np.zeros((600, 800), np.uint8)
        centre = (int(random.integers(200, 600)), int(random.integers(200, 400)))
        cv2.ellipse(mask, centre, (120, 200), 0, 0, 360, 255, -1)
        image[mask > 0] = image[mask > 0] // 2 + 120
        cv2.imwrite(str(folder / "images" / f"{number:04}.jpg"), image)
        cv2.imwrite(str(folder / "masks" / f"{number:04}.png"), mask)


def tutorial_batches(folder: Path) -> tf.data.Dataset:
    """What most tutorials of this network do: read, resize, scale, flip; every epoch anew."""
    images = [str(path) for path in sorted((folder / "images").iterdir())]
    masks = [str(path) for path in sorted((folder / "masks").iterdir())]

    def read(image, mask):
        rgb = cv2.resize(cv2.imread(image.decode(), cv2.IMREAD_COLOR), (SIZE, SIZE)) / 255.0
        alpha = cv2.imread(mask.decode(), cv2.IMREAD_GRAYSCALE)
        alpha = cv2.resize(alpha, (SIZE, SIZE))[..., None] / 255.0
        if np.random.random() < 0.5:
            rgb, alpha = rgb[:, ::-1], alpha[:, ::-1]
        return rgb.astype(np.float32), alpha.astype(np.float32)

    def load(image, mask):
        rgb, alpha = tf.numpy_function(read, [image, mask], [tf.float32, tf.float32])
        return tf.ensure_shape(rgb, (SIZE, SIZE, 3)), tf.ensure_shape(alpha, (SIZE, SIZE, 1))

    data = tf.data.Dataset.from_tensor_slices((images, masks)).shuffle(5000).repeat()
    return data.map(load).batch(BATCH).prefetch(2)


def rate_of_batches(batches: Iterable, count: int) -> float:
    """Samples a second, after the first two batches."""
    taken = iter(batches)
    list(islice(taken, 2))
    began = time.perf_counter()
    seen = sum(len(images) for images, _ in islice(taken, count))
    return seen / (time.perf_counter() - began)


def rate_of_steps(step: Callable[[], object], count: int) -> float:
    """Samples a second of so many training steps."""
    began = time.perf_counter()
    for _ in range(count):
        step()
    return count * BATCH / (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_images(folder, arguments.images)
        recipe = Recipe(
            data=(name,), image_size=SIZE, batch_size=BATCH, backbone_weights="none", epochs=9
        )
        decoded = decode(recipe, find_data(recipe), folder / "run")
        network = start_network(recipe)
        compile_network(network, recipe, 100)
        images, truth = next(iter(training_dataset(recipe, decoded, range(1))))
        network.train_on_batch(images, truth)
        rates: dict[str, list[float]] = {"pipeline": [], "tutorial": [], "step": []}
        for _ in range(arguments.rounds):
            ours = training_dataset(recipe, decoded, range(9))
            rates["pipeline"].append(rate_of_batches(ours, 20))
            rates["tutorial"].append(rate_of_batches(tutorial_batches(folder), 20))
            step = partial(network.train_on_batch, images, truth)
            rates["step"].append(rate_of_steps(step, 4))
    medians = {what: statistics.median(values) for what, values in rates.items()}
    for what, value in medians.items():
        print(f"{what:9} {value:7.1f} samples/s")
    print(f"pipeline / step     {medians['pipeline'] / medians['step']:.2f}")
    print(f"pipeline / tutorial {medians['pipeline'] / medians['tutorial']:.2f}")


if __name__ == "__main__":
    main()
