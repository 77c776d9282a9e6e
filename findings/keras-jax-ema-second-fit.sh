#!/bin/sh
# keras 3.15.1 with jax 0.10.2 (KERAS_BACKEND=jax), Python 3.11, on a processor.
# A model whose optimizer has use_ema=True trains in a first `fit`; a second `fit` of the same model
# raises (first "Attempt to donate the same buffer twice in Execute()", shown as "TypeError:
# 'NoneType' object is not callable"). With use_ema=False the second `fit` goes on, as one would
# expect of any model.
# Cause, as read from the source: at its end `fit` assigns the averages to the weights
# (`finalize_variable_values`); both variables then hold one JAX array, which the next step donates
# twice. Assigning copies, as by `variable.assign(numpy.array(average))`, avoids it.
# Exits 0 where it is so, and 1 where that has changed.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2
cat > "$place/twice.py" <<'PYTHON'
import sys

import keras
import numpy as np

x = np.random.default_rng(0).random((8, 4), np.float32)
for ema in (False, True):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(use_ema=ema), "mse")
    for time in (1, 2):
        try:
            model.fit(x, x[:, :1], verbose=0)
            print(f"use_ema={ema}, fit number {time}: trained")
        except Exception as error:
            print(f"use_ema={ema}, fit number {time}: {type(error).__name__}: {error}")
            sys.exit(0 if (ema, time) == (True, 2) else 1)
sys.exit(1)
PYTHON
KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$place/venv/bin/python" "$place/twice.py"
