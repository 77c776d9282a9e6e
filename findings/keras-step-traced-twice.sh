#!/bin/sh
# keras 3.15.1 with tensorflow 2.21.0, Python 3.11, on a processor.
# A model that is built and compiled with a metric given as a function or by name has its whole
# training step traced twice at the first `fit`: for a network of 1,000 variables some seconds more.
# The same metric as an object, keras.metrics.MeanMetricWrapper(function), is traced once.
# Cause, as read from the source: Keras makes a Metric of the function while the step is traced. Its
# variables are then made inside of a tf.function, which TensorFlow answers by tracing it again.
# Output seen: "by function: 2, by name: 2, as an object: 1, without a metric: 1"
# Exits 0 where it is so, and 1 where that has changed.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0
cat > "$place/traces.py" <<'PYTHON'
import sys

import keras
import numpy as np

x = np.random.default_rng(0).random((8, 4), np.float32)


def far(truth, answer):
    return keras.ops.mean(keras.ops.abs(truth - answer))


class Counting(keras.Model):
    traces = 0

    def train_step(self, *given):
        self.traces += 1
        return super().train_step(*given)


def traces(metrics):
    image = keras.Input((4,))
    model = Counting(image, keras.layers.Dense(1)(image))
    model.compile("adam", "mse", metrics=metrics)
    model.optimizer.build(model.trainable_variables)
    model.fit(x, x[:, :1], verbose=0)
    return model.traces


wrapped = keras.metrics.MeanMetricWrapper(far, name="far")
counts = traces([far]), traces(["mae"]), traces([wrapped]), traces(None)
print("by function: %d, by name: %d, as an object: %d, without a metric: %d" % counts)
sys.exit(counts != (2, 2, 1, 1))
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow "$place/venv/bin/python" "$place/traces.py"
