"""A network of a few layers that trains in seconds; run as a script, figureground knows it too."""

import sys

from figureground.engines.traces import without_traces

with without_traces():  # as figureground loads Keras
    from keras import layers

    from figureground.models.backbone import Backbone
    from figureground.models.backbones import BACKBONES
    from figureground.models.presets import PRESETS, Preset

TINY = Preset(
    name="tiny", backbone="tiny", bridge=8, dilations=(1,), decoder=(8, 8, 8, 8),
    separable=False, size=32,
)  # fmt: skip


def features(image):
    """Features at strides 2 to 16."""
    taps, x = [], image
    for step in range(4):
        x = layers.Conv2D(8, 3, 2, padding="same", activation="relu", name=f"stem{step}")(x)
        taps.append(x)
    return taps


PRESETS["tiny"] = TINY
BACKBONES["tiny"] = Backbone(
    features=features, load=lambda model, weights: None, float_layers=("stem",)
)

if __name__ == "__main__":
    from figureground.cli import main

    sys.exit(main())
