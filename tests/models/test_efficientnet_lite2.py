"""The port of EfficientNet-Lite2: its weights read without PyTorch, its answer on a photograph."""

import pickle

import cv2
import numpy as np
import pytest
import skimage.data

from figureground.errors import ModelError
from figureground.models import efficientnet_lite2
from figureground.models.torch_file import read_tensors

EGYPTIAN_CAT, TABBY, TIGER_CAT = 285, 281, 282
ESPRESSO = 967


@pytest.fixture(scope="module")
def classifier():
    model = efficientnet_lite2.classifier()
    efficientnet_lite2.load_weights(model, efficientnet_lite2.shipped_weights())
    return model


def probabilities(classifier, image):
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = image[top : top + side, left : left + side]
    square = cv2.resize(square, (224, 224), interpolation=cv2.INTER_AREA) / 255
    return np.asarray(classifier(square[None].astype(np.float32), training=False))[0]


def test_a_cup_of_coffee_is_an_espresso(classifier) -> None:
    answer = probabilities(classifier, skimage.data.coffee())
    assert answer.argmax() == ESPRESSO
    assert answer[ESPRESSO] > 0.8


def test_a_cat_is_a_cat(classifier) -> None:
    answer = probabilities(classifier, skimage.data.chelsea())
    assert set(answer.argsort()[-3:]) == {EGYPTIAN_CAT, TABBY, TIGER_CAT}


def test_normalisation_and_padding_are_those_of_the_weights(classifier) -> None:
    assert classifier.get_layer("stem_bn").epsilon == 1e-3
    assert classifier.get_layer("stem").padding == "same"
    assert classifier.count_params() == 6_150_168  # with the averages of batch normalisation


def test_a_pickle_that_asks_for_more_than_tensors_is_refused(tmp_path) -> None:
    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(print))
    with pytest.raises(ModelError, match=r"builtins\.print is not a tensor"):
        read_tensors(path)


def test_a_file_cut_short_is_refused(tmp_path) -> None:
    whole = efficientnet_lite2.shipped_weights().read_bytes()
    path = tmp_path / "short.pth"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="cut short"):
        read_tensors(path)


def test_tensors_of_another_network_are_refused(tmp_path) -> None:
    model = efficientnet_lite2.classifier()
    with pytest.raises(ModelError, match="not a legacy PyTorch file"):
        efficientnet_lite2.load_weights(model, tmp_path / "missing.pth")
