"""Files of Keras are read as data: code in them is refused, and not run."""

from pathlib import Path

import keras
import numpy as np
import pytest

from figureground.engines.keras import open_engine
from figureground.errors import ModelError


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    ran, name = tmp_path / "ran", str(tmp_path / "ran")  # Keras keeps texts with a function
    image = keras.Input((32, 32, 3))
    alphas = keras.layers.Lambda(
        lambda x: (__import__("pathlib").Path(name).touch(), x)[1], output_shape=(32, 32, 3)
    )(image)
    path = tmp_path / "network.keras"
    network = keras.Model(image, alphas)
    network.save(path)
    network(keras.ops.zeros((1, 32, 32, 3)))
    ran.unlink()  # which it made
    with pytest.raises(ModelError) as raised:
        open_engine(path)(np.zeros((32, 32, 3), np.float32))
    assert not ran.exists()
    line = str(raised.value).replace(str(tmp_path), "")
    assert "\n" not in line and len(line) <= 300
