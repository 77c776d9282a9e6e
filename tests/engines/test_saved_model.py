"""A SavedModel is a program: one that does more than networks do is refused before it is loaded."""

from pathlib import Path

import pytest
import tensorflow as tf

from figureground.engines.saved_model import open_engine
from figureground.errors import ModelError


def save(folder: Path, step) -> Path:
    """A folder whose one function is `step`, of images."""
    module = tf.Module()
    image = tf.TensorSpec((1, 32, 32, 3), tf.float32, name="image")
    module.serve = tf.function(step, input_signature=[image])
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.serve})
    return folder


def reads(image):
    return {"alpha": image[..., :1] + tf.strings.to_number(tf.io.read_file("/etc/hostname"))}


def writes(image):
    with tf.control_dependencies([tf.io.write_file("/tmp/made", "by a network")]):
        return {"alpha": tf.identity(image[..., :1])}


@pytest.mark.parametrize("step", [reads, writes])
def test_a_network_that_touches_files_is_refused(tmp_path: Path, step) -> None:
    with pytest.raises(ModelError) as raised:
        open_engine(save(tmp_path / "network", step))
    line = str(raised.value).replace(str(tmp_path), "")
    assert "\n" not in line and len(line) <= 300 and "more than a network does" in line


def test_a_network_that_does_not_is_run(tmp_path: Path) -> None:
    folder = save(tmp_path / "network", lambda image: {"alpha": image[..., :1] * 0.5})
    engine = open_engine(folder, color="rgb")
    assert engine.size == (32, 32)
