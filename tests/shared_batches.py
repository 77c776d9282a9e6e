"""Run as a script, it trains the tiny network on one device and on two, and writes what each did.

    python shared_batches.py PEOPLE OUT

Two devices are two halves of the processor. OUT gets a run folder each, `one` and `two`, and
`steps.json`: of each, the mean loss after every step, and how far a clipped step moved a weight.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tiny

from figureground.training.devices import find_strategy
from figureground.training.layerwise import layerwise
from figureground.training.recipe import Recipe
from figureground.training.train import train


def recipe_of(people: str) -> Recipe:
    """Return a recipe of 60 steps with all that several devices could do otherwise."""
    return Recipe(
        data=(f"{people}:6",), preset=tiny.TINY.name, image_size=32, epochs=5, batch_size=4,
        val_share=0.3, learning_rate=1e-5, warmup=0, gradient_clip_norm=0.1, ema_momentum=0.9,
        encoder_lr_scale=0.5, augment=False,
    )  # fmt: skip


def clipped_step(strategy: tf.distribute.Strategy) -> float:
    """Return how far a step goes whose gradient is clipped, by an optimizer that is no Adam."""
    with strategy.scope():
        network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        optimizer = layerwise(keras.optimizers.SGD)(1.0, global_clipnorm=0.1)
        optimizer.shares = {}
        network.compile(optimizer, "mse")
        network.layers[0].set_weights([np.zeros((1, 1), np.float32)])
        data = tf.data.Dataset.from_tensors((np.ones((4, 1)), np.full((4, 1), 50.0)))
        network.fit(data, verbose=0, shuffle=False)
    return float(network.layers[0].get_weights()[0][0, 0])


def main(people: str, out: Path) -> None:
    """Train twice."""
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
    steps: dict[str, list[float]] = {"one": [], "two": []}
    for name, devices in (("one", None), ("two", "all")):

        def note(event: dict, kept: list[float] = steps[name]) -> None:
            if event.get("what") == "learning":
                kept.append(event["loss"])

        train(recipe_of(people), out / name, devices=devices, tell=note)
    steps["clipped"] = [clipped_step(find_strategy(devices)) for devices in (None, "all")]
    (out / "steps.json").write_text(json.dumps(steps))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
