"""Losses, one by one and together."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from figureground.training.loss_terms import TERMS, laplacian
from figureground.training.losses import MatteLoss, edge_weights, iou, unknown_weights
from figureground.training.recipe import TERMS as NAMES

HEADS = (0.25, 0.25, 0.5, 1.0)


def disc(side: int = 48, shift: int = 0) -> tf.Tensor:
    rows, columns = np.mgrid[:side, :side]
    inside = np.hypot(rows - side / 2, columns - side / 2 - shift) < side / 4
    return tf.constant(inside[None, ..., None].astype(np.float32))


def loss_of(name: str, truth: tf.Tensor, alphas: tf.Tensor) -> float:
    return float(TERMS[name](truth, alphas, tf.ones_like(truth))[0, 0])


def test_a_recipe_knows_every_loss() -> None:
    assert sorted(TERMS) == sorted(NAMES)


@pytest.mark.parametrize("name", sorted(TERMS))
def test_the_truth_costs_nothing_and_errors_cost_the_more_the_larger(name: str) -> None:
    truth = disc()
    right, near, far = (
        loss_of(name, truth, alphas) for alphas in (truth, disc(shift=4), disc(shift=12))
    )
    assert right < 2e-3 < near < far


@pytest.mark.parametrize("name", sorted(TERMS))
def test_an_empty_image_wants_an_empty_matte(name: str) -> None:
    nobody = tf.zeros_like(disc())
    assert loss_of(name, nobody, nobody) < 1e-3 < loss_of(name, nobody, disc())


@pytest.mark.parametrize("name", sorted(TERMS))
def test_every_loss_can_be_followed_downhill(name: str) -> None:
    truth, alphas = disc(), tf.Variable(0.2 + 0.6 * disc(shift=6))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(TERMS[name](truth, alphas, tf.ones_like(truth)))
    slope = tape.gradient(loss, alphas)
    assert np.isfinite(slope).all()
    better = tf.clip_by_value(alphas - 0.05 * slope / (tf.reduce_max(abs(slope)) + 1e-9), 0.0, 1.0)
    assert loss_of(name, truth, better) < loss_of(name, truth, alphas)


@pytest.mark.parametrize("name", sorted(TERMS))
def test_mattes_are_judged_one_by_one_and_by_their_pixels_weights(name: str) -> None:
    truth, wrong = disc(), disc(shift=8)
    both = TERMS[name](truth, tf.concat([truth, wrong], axis=-1), tf.ones_like(truth))
    assert both.shape == (1, 2)
    assert float(both[0, 0]) < float(both[0, 1])
    where_right = tf.cast(truth == wrong, tf.float32)
    assert float(TERMS[name](truth, wrong, 1e-6 + where_right)[0, 0]) < 0.95 * float(both[0, 1])


def test_focal_asks_little_of_what_is_nearly_right() -> None:
    truth = tf.ones((1, 8, 8, 1))
    nearly, far = 0 * truth + 0.9, 0 * truth + 0.2
    for_bce = loss_of("bce", truth, far) / loss_of("bce", truth, nearly)
    assert loss_of("focal", truth, far) / loss_of("focal", truth, nearly) > 50 * for_bce


def test_tversky_asks_more_for_people_lost_than_for_people_invented() -> None:
    small, large = disc(), tf.maximum(disc(), disc(shift=6))
    assert loss_of("tversky", large, small) > 1.5 * loss_of("tversky", small, large)


def test_the_pyramid_sees_a_blurred_edge() -> None:
    truth = disc()
    soft = tf.nn.avg_pool2d(truth, 7, 1, "SAME")
    assert float(laplacian(truth, soft, tf.ones_like(truth))[0, 0]) > 0.01


def test_the_heads_weights_decide_what_a_wrong_matte_costs() -> None:
    truth = disc()
    first_wrong = tf.concat([1 - truth, truth, truth, truth], axis=-1)
    last_wrong = tf.concat([truth, truth, truth, 1 - truth], axis=-1)
    loss = MatteLoss({"dice": 1}, HEADS)
    assert float(loss(truth, last_wrong)) == pytest.approx(
        4 * float(loss(truth, first_wrong)), rel=1e-2
    )
    equal = MatteLoss({"dice": 1}, (1, 1, 1, 1))
    assert float(equal(truth, last_wrong)) == pytest.approx(float(equal(truth, first_wrong)))


def test_losses_are_added_by_their_weights() -> None:
    truth, wrong = disc(), tf.repeat(0.2 + 0.5 * disc(), 4, axis=-1)
    single = {name: float(MatteLoss({name: 1}, HEADS)(truth, wrong)) for name in ("bce", "dice")}
    both = float(MatteLoss({"bce": 2, "dice": 0.5}, HEADS)(truth, wrong))
    assert both == pytest.approx(2 * single["bce"] + 0.5 * single["dice"], rel=1e-5)


def test_pixels_around_an_edge_weigh_more() -> None:
    weights = edge_weights(disc(), 4.0).numpy()[0, ..., 0]
    assert weights[0, 0] == 1.0 and weights[24, 24] == pytest.approx(1.0)
    assert weights.max() > 2.0


def test_pixels_that_are_neither_weigh_more() -> None:
    truth = tf.constant([0.0, 0.5, 1.0])[None, None, :, None]
    np.testing.assert_allclose(unknown_weights(truth, 2.0).numpy().ravel(), [1, 3, 1])


def test_the_loss_survives_a_copy() -> None:
    loss = MatteLoss({"bce": 1}, HEADS, edge=2.0, unknown=1.0)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config()


def test_iou_counts_the_last_matte_alone() -> None:
    truth = disc()
    alphas = tf.concat([1 - truth, 1 - truth, 1 - truth, truth], axis=-1)
    assert float(iou(truth, alphas)[0]) == pytest.approx(1.0)
    half = tf.concat([alphas[..., :3], tf.concat([truth[:, :24], 0 * truth[:, 24:]], 1)], -1)
    assert float(iou(truth, half)[0]) == pytest.approx(0.5, abs=0.03)
