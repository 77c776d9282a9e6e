"""ResNet50 that takes an image in 0..1 as it is, of any width and depth; layers named as Keras names them.

Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016; strides stand at the
first convolution of a block, as in keras.applications.
"""

import keras
from keras import layers

from figureground.models.backbone import Backbone
from figureground.models.batch_norm import BatchNormalization
from figureground.models.resnet50 import load_imagenet

EPSILON = 1.001e-5  # of keras.applications
EXPANSION = 4  # filters of a block's result over those within it
FIRST = "conv1_conv"


def conv_norm(x, filters: int, kernel: int, *, stride: int = 1, padding: str = "same", name: str):
    """Convolution and batch normalisation; (B, H, W, C) to (B, H / stride, W / stride, filters)."""
    x = layers.Conv2D(filters, kernel, stride, padding=padding, name=f"{name}_conv")(x)
    return BatchNormalization(epsilon=EPSILON, name=f"{name}_bn")(x)


def _block(x, filters: int, *, stride: int, project: bool, name: str):
    wide = filters * EXPANSION
    shortcut = conv_norm(x, wide, 1, stride=stride, name=f"{name}_0") if project else x
    x = layers.ReLU(name=f"{name}_1_relu")(
        conv_norm(x, filters, 1, stride=stride, name=f"{name}_1")
    )
    x = layers.ReLU(name=f"{name}_2_relu")(conv_norm(x, filters, 3, name=f"{name}_2"))
    x = layers.Add(name=f"{name}_add")([shortcut, conv_norm(x, wide, 1, name=f"{name}_3")])
    return layers.ReLU(name=f"{name}_out")(x)


def features(image, stages):
    """Features at strides 2, 4, 8 and so on of `image` (B, H, W, 3).

    stages: filters and blocks of each, the first convolution's first.
    """
    x = layers.ZeroPadding2D(3, name="conv1_pad")(image)
    x = conv_norm(x, stages[0][0], 7, stride=2, padding="valid", name="conv1")
    x = layers.ReLU(name="conv1_relu")(x)
    outputs = [x]
    x = layers.MaxPooling2D(3, 2, name="pool1_pool")(layers.ZeroPadding2D(1, name="pool1_pad")(x))
    for stage, (filters, blocks) in enumerate(stages[1:], start=2):
        for block in range(1, blocks + 1):
            stride = 2 if block == 1 and stage > 2 else 1  # the pool has halved before stage 2
            name = f"conv{stage}_block{block}"
            x = _block(x, filters, stride=stride, project=block == 1, name=name)
        outputs.append(x)
    return outputs


def _load(model: keras.Model, weights: str) -> None:
    """ImageNet weights; theirs take BGR, ours RGB."""
    load_imagenet(model, weights)
    kernel, bias = model.get_layer(FIRST).get_weights()
    model.get_layer(FIRST).set_weights([kernel[:, :, ::-1], bias])


BACKBONE = Backbone(features=features, load=_load, float_layers=("conv1_",))
