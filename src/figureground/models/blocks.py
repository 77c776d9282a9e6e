"""The network's building blocks: functions from tensor to tensor, layers named from a prefix."""

import keras
from keras import layers

from figureground.models.batch_norm import BatchNormalization


def conv(x, filters: int, kernel: int, *, dilation: int = 1, separable: bool = False, name: str):
    """Convolution with bias and "same" padding; (B, H, W, C) to (B, H, W, filters)."""
    if separable and kernel > 1:
        return layers.SeparableConv2D(
            filters, kernel, padding="same", dilation_rate=dilation, name=name
        )(x)
    return layers.Conv2D(filters, kernel, padding="same", dilation_rate=dilation, name=name)(x)


def norm(x, *, name: str):
    """Batch normalisation; its averages follow within some 100 steps, as short runs need."""
    return BatchNormalization(momentum=0.98, name=name)(x)


def conv_norm_relu(
    x, filters: int, kernel: int, *, dilation: int = 1, separable: bool = False, name: str
):
    """Convolution, batch normalisation, ReLU; (B, H, W, C) to (B, H, W, filters)."""
    x = conv(x, filters, kernel, dilation=dilation, separable=separable, name=f"{name}_conv")
    x = norm(x, name=f"{name}_norm")
    return layers.ReLU(name=f"{name}_relu")(x)


def dilated_bridge(x, filters: int, *, dilations: tuple[int, ...], separable: bool, name: str):
    """Look at several distances at once; (B, H, W, C) to (B, H, W, filters).

    Source: atrous spatial pyramid, Chen et al., "Rethinking Atrous Convolution", 2017.
    """
    branches = [
        conv_norm_relu(x, filters, 3, dilation=d, separable=separable, name=f"{name}_dilated{d}")
        for d in dilations
    ]
    x = layers.Concatenate(name=f"{name}_join")(branches)
    return conv_norm_relu(x, filters, 1, name=f"{name}_mix")


def residual_block(x, filters: int, *, separable: bool, name: str):
    """Two convolutions beside a 1x1 shortcut; (B, H, W, C) to (B, H, W, filters).

    Source: He et al., "Deep Residual Learning", CVPR 2016, with a projection shortcut.
    """
    shortcut = norm(conv(x, filters, 1, name=f"{name}_shortcut"), name=f"{name}_shortcut_norm")
    x = conv_norm_relu(x, filters, 3, separable=separable, name=f"{name}_first")
    x = conv(x, filters, 3, separable=separable, name=f"{name}_second")
    x = norm(x, name=f"{name}_second_norm")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)


def decoder_step(x, tap, filters: int, *, separable: bool, name: str):
    """Double the resolution of `x` and blend in the encoder's detail.

    x: (B, H, W, C); tap: (B, 2H, 2W, K); returns (B, 2H, 2W, filters).
    """
    x = layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_up")(x)
    x = layers.Concatenate(name=f"{name}_join")([x, tap])
    return residual_block(x, filters, separable=separable, name=name)


def head(x, *, scale: int, name: str):
    """Matte at full resolution; (B, H, W, C) to (B, H * scale, W * scale, 1), 0 to 1.

    The 1x1 convolution stands before the upsampling: both are linear and bilinear weights sum to
    one, so the result is that of the other order, at a fraction of its cost.
    """
    x = layers.Conv2D(1, 1, name=f"{name}_conv")(x)
    if scale > 1:
        x = layers.UpSampling2D(scale, interpolation="bilinear", name=f"{name}_up")(x)
    # float32 whatever the rest computes in: near 1, half precision knows too few levels.
    return layers.Activation(keras.activations.sigmoid, dtype="float32", name=name)(x)
