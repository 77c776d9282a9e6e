"""Make files of the tutorial's network as a version of TensorFlow saves them, for the tests.

The network is that of the article (ResNet50 encoder, dilated bridge, residual decoder, four mattes) with
few filters, trained for some seconds on one photograph, as BGR in 0..1 of OpenCV.

    python -m venv old && old/bin/pip install tensorflow==2.15.1 opencv-python-headless==4.10.0.84 'numpy<2'
    figureground remove examples/astronaut.jpg --kind mask -o mask.png
    old/bin/python tools/make_tutorial_files.py mask.png keras2 tests/networks

It writes OUT/NAME.tar.xz with model.h5, list.h5, weights.h5, model.weights.h5, model.keras and
expected.npz: the image that the network saw, uint8 (64, 64, 3) BGR, and its mattes of it; and
OUT/NAME-folder.tar.xz with saved_model/.
"""

import os
import sys
import tarfile
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import cv2
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

SIDE = 64
STEPS = 160
ROOT = Path(__file__).parent.parent


def relu_norm_conv(x, filters, kernel, dilation=1, relu=True):
    x = layers.Conv2D(filters, kernel, padding="same", dilation_rate=dilation)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x) if relu else x


def residual(x, filters):
    y = relu_norm_conv(relu_norm_conv(x, filters, 3), filters, 3, relu=False)
    return layers.Activation("relu")(y + relu_norm_conv(x, filters, 1, relu=False))


def bridge(x, filters):
    far = [relu_norm_conv(x, filters, 3, dilation) for dilation in (3, 6, 9)]
    return relu_norm_conv(layers.Concatenate()(far), filters, 1)


def step(x, tap, filters):
    x = layers.UpSampling2D((2, 2), interpolation="bilinear")(x)
    return residual(layers.Concatenate()([x, tap]), filters)


def matte(x, scale):
    if scale > 1:
        x = layers.UpSampling2D((scale, scale), interpolation="bilinear")(x)
    return layers.Conv2D(1, 1, padding="same", activation="sigmoid")(x)


def encoder(image):
    """keras.applications's ResNet50 with few filters."""
    try:
        from keras.src.applications import resnet
    except ImportError:
        from keras.applications import resnet
    stack = getattr(resnet, "stack1", None) or resnet.stack_residual_blocks_v1

    def stages(x):
        x = stack(x, 4, 3, stride1=1, name="conv2")
        x = stack(x, 6, 4, name="conv3")
        return stack(x, 8, 6, name="conv4")

    options = {"use_bias": True, "include_top": False, "weights": None, "input_tensor": image}
    names = "conv1_relu", "conv2_block3_out", "conv3_block4_out", "conv4_block6_out"
    try:
        network = resnet.ResNet(stages, False, model_name="resnet50", **options)
    except TypeError:  # Keras 3 has another word for it
        network = resnet.ResNet(stages, False, name="resnet50", **options)
    return [network.get_layer(name).output for name in names]


def build(joined=True):
    image = keras.Input((SIDE, SIDE, 3))
    *taps, x = [image, *encoder(image)]
    x, outputs = bridge(x, 12), []
    for filters, tap in zip((12, 8, 8, 6), reversed(taps), strict=True):
        x = step(x, tap, filters)
        outputs.append(x)
    mattes = [matte(x, scale) for x, scale in zip(outputs, (8, 4, 2, 1), strict=True)]
    return keras.Model(image, layers.Concatenate()(mattes) if joined else mattes, name="U-Net")


def samples(image, mask, random, count):
    """Crops of one image, mirrored, lighter and darker."""
    for _ in range(count):
        side = int(random.integers(300, 513))
        top, left = random.integers(0, 513 - side, 2)
        part = np.s_[top : top + side, left : left + side]
        x = cv2.resize(image[part], (SIDE, SIDE), interpolation=cv2.INTER_AREA) / 255
        y = cv2.resize(mask[part], (SIDE, SIDE), interpolation=cv2.INTER_AREA) / 255
        turn = random.choice((-1, 1))
        x = np.clip(x * random.uniform(0.8, 1.2), 0, 1)
        yield x[:, ::turn].astype(np.float32), y[:, ::turn].astype(np.float32)


def train(network, image, mask):
    random = np.random.default_rng(0)
    x, y = zip(*samples(image, mask, random, STEPS * 8), strict=True)
    y = np.repeat(np.stack(y)[..., None], 4, -1)
    network.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(3e-3))
    network.fit(np.stack(x), y, batch_size=8, verbose=2)
    rounded = [tf.cast(tf.cast(w, tf.bfloat16), tf.float32).numpy() for w in network.get_weights()]
    network.set_weights(rounded)  # so that the files pack well
    network.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(1e-4))


def save(network, folder, image):
    network.save(folder / "model.h5")
    network.save(folder / "model.keras")
    network.save_weights(folder / "model.weights.h5")
    if tf.__version__ < "2.16":
        network.save(folder / "saved_model", save_format="tf")
        network.save_weights(folder / "weights.h5")
    else:
        network.export(folder / "saved_model")
    several = build(joined=False)
    several.set_weights(network.get_weights())
    several.save(folder / "list.h5")
    small = cv2.resize(image, (SIDE, SIDE))
    mattes = network.predict((small / 255.0).astype(np.float32)[None], verbose=0)[0]
    print(tf.__version__, "mean matte", mattes.mean((0, 1)))
    np.savez_compressed(folder / "expected.npz", image=small, mattes=mattes)


def pack(folder, name, target, wanted):
    with tarfile.open(target, "w:xz", preset=9) as archive:
        for path in sorted(filter(wanted, folder.iterdir())):
            archive.add(path, arcname=f"{name}/{path.name}")


def main(mask, name, out):
    tf.random.set_seed(0)
    image = cv2.imread(str(ROOT / "examples" / "astronaut.jpg"))
    mask = cv2.imread(mask, cv2.IMREAD_GRAYSCALE)
    network = build()
    train(network, image, mask)
    with tempfile.TemporaryDirectory() as kept:
        save(network, Path(kept), image)
        pack(Path(kept), name, Path(out) / f"{name}.tar.xz", lambda path: path.is_file())
        pack(Path(kept), name, Path(out) / f"{name}-folder.tar.xz", Path.is_dir)


if __name__ == "__main__":
    main(*sys.argv[1:])
