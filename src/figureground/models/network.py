"""The network: a residual U-Net on a pretrained encoder, with a dilated bridge and four mattes.

Sources: U-Net, Ronneberger et al., MICCAI 2015; residual decoder, Zhang et al., "Road Extraction by
Deep Residual U-Net", 2018; deep supervision, Lee et al., "Deeply-Supervised Nets", AISTATS 2015.
"""

import keras
from keras import layers

from figureground.errors import ModelError
from figureground.models.backbones import BACKBONES
from figureground.models.blocks import decoder_step, dilated_bridge, head
from figureground.models.presets import HEADS, Preset

BRIDGE = "bridge"  # where the encoder ends
HEAD = "alpha"


def build_network(preset: Preset, *, backbone_weights: str = "imagenet") -> keras.Model:
    """Image to four mattes, the last the answer.

    Input: `image`, float32 (B, H, W, 3), RGB in 0..1; H and W divisible by `preset.stride`.
    Output: `alphas`, float32 (B, H, W, 4) in 0..1, from the coarsest head to the finest.

    Args:
        preset: what decides the structure.
        backbone_weights: "imagenet", "none", or the path of a weights file of the backbone.
    Raises:
        ModelError: the backbone's weights cannot be had.
    """
    image = keras.Input((None, None, 3), name="image")
    backbone = BACKBONES[preset.backbone]
    stages = (preset.stages,) if preset.stages else ()
    taps = [image, *backbone.features(image, *stages)]  # 1, 1/2, 1/4, ...
    x = dilated_bridge(
        taps.pop(),
        preset.bridge,
        dilations=preset.dilations,
        separable=preset.separable,
        name=BRIDGE,
    )
    alphas = []
    for step, filters in enumerate(preset.decoder, start=1):
        x = decoder_step(x, taps.pop(), filters, separable=preset.separable, name=f"decoder{step}")
        left = len(preset.decoder) - step  # doublings between here and full resolution
        if left < HEADS:
            alphas.append(head(x, scale=2**left, name=f"{HEAD}{HEADS - left}"))
    network = keras.Model(
        image, layers.Concatenate(name="alphas", dtype="float32")(alphas), name=preset.name
    )
    if backbone_weights != "none":
        backbone.load(network, backbone_weights)
    return network


def final_alpha(network: keras.Model) -> keras.Model:
    """The same network with the last matte as its only output, float32 (B, H, W, 1)."""
    return keras.Model(network.input, network.get_layer(f"{HEAD}{HEADS}").output, name=network.name)


def encoder_layers(network: keras.Model) -> list[keras.layers.Layer]:
    """The layers before the bridge, in order. Raises ModelError where there is no bridge."""
    names = [layer.name.startswith(BRIDGE) for layer in network.layers]
    if not any(names):
        raise ModelError(f"network {network.name!r} has no bridge where its encoder would end")
    return network.layers[: names.index(True)]


def freeze_encoder(network: keras.Model, *, frozen: bool = True) -> None:
    """Keep the encoder's weights and averages as they are, so that only the rest learns."""
    for layer in encoder_layers(network):
        layer.trainable = not frozen


def freeze_others(network: keras.Model, names: tuple[str, ...]) -> None:
    """Let no layer learn but those whose names begin with one of `names`, such as "decoder".

    Raises:
        ModelError: one of them begins the name of no layer that has weights.
    """
    able = [layer for layer in network.layers if layer.weights]
    for name in names:
        if not any(layer.name.startswith(name) for layer in able):
            raise ModelError(
                f"no layer's name begins with {name!r}; of {network.name!r} the first is "
                f"{able[0].name!r}, the last {able[-1].name!r}"
            )
    for layer in network.layers:
        layer.trainable = layer.trainable and layer.name.startswith(names)


def float_layers(preset: Preset) -> tuple[str, ...]:
    """Return parts of names of layers that stay float in int8 files: they decide how fine it is."""
    return (*BACKBONES[preset.backbone].float_layers, HEAD)
