"""ResNet50 of keras.applications as a backbone.

Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016.
"""

import keras
from keras import layers

from figureground.errors import ModelError
from figureground.models.backbone import Backbone

# Per channel in RGB order; keras.applications.resnet50.preprocess_input subtracts them from BGR.
CAFFE_MEAN = (123.68, 116.779, 103.939)
TAPS = ("conv1_relu", "conv2_block3_out", "conv3_block4_out", "conv4_block6_out")


def _features(image):
    """Features at strides 2, 4, 8 and 16; conv5 is not part of the network."""
    x = layers.Rescaling(255.0, offset=[-mean for mean in CAFFE_MEAN], name="normalise")(image)
    x = keras.ops.flip(x, axis=-1)  # RGB to BGR, as the weights expect
    resnet = keras.applications.ResNet50(include_top=False, weights=None, input_tensor=x)
    return [resnet.get_layer(name).output for name in TAPS]


def load_imagenet(model: keras.Model, weights: str) -> None:
    """ImageNet weights through keras.applications, which downloads them once, or from its file."""
    told = keras.config.is_interactive_logging_enabled()
    keras.config.disable_interactive_logging()  # its own bar would be printed as a result
    try:
        source = keras.applications.ResNet50(include_top=False, weights=weights)
    except Exception as error:
        raise ModelError(
            f"cannot get ResNet50 weights from {weights!r} ({str(error).splitlines()[0]}); "
            "give a file that keras.applications knows with --backbone-weights PATH, "
            "or start from scratch with --backbone-weights none"
        ) from error
    finally:
        if told:
            keras.config.enable_interactive_logging()
    ours = {layer.name: layer for layer in model.layers}
    for layer in source.layers:
        if layer.name in ours and layer.weights:
            ours[layer.name].set_weights(layer.get_weights())


BACKBONE = Backbone(features=_features, load=load_imagenet, float_layers=("normalise", "conv1_"))
