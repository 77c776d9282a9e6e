"""Backbone: what a network's encoder offers; each backbone is one module beside this one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """An encoder: how to build it, how to fill it with ImageNet weights, what stays float."""

    # Image (B, H, W, 3) in 0..1, and the preset's stages if it has any, to features, finest first.
    features: Callable[..., list[Any]]
    load: Callable[[keras.Model, str], None]  # model, "imagenet" or a path
    # Parts of names of layers that stay float in int8 files: 256 levels of an image, rounded again
    # where it is normalised and at the first convolutions, cost more than all other rounding.
    float_layers: tuple[str, ...] = ()
