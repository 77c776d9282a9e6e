"""The network's structure, its gradients' way and the encoders' weights."""

import keras
import numpy as np
import pytest

from figureground.errors import ModelError
from figureground.models.network import build_network, final_alpha, freeze_encoder, freeze_others
from figureground.models.presets import LITE, RESNET50, Preset
from figureground.models.resnet50 import TAPS

SMALL = Preset(
    name="small",
    backbone="efficientnet_lite2",
    bridge=16,
    dilations=(1, 2),
    decoder=(16, 16, 8, 8, 8),
    separable=True,
    size=64,
)


@pytest.fixture(scope="module")
def reference() -> keras.Model:
    return build_network(RESNET50, backbone_weights="none")


def test_the_reference_network_has_its_parameters_and_four_mattes(reference: keras.Model) -> None:
    assert reference.count_params() == 53_539_588
    assert reference.output_shape == (None, None, None, 4)


def test_the_reference_network_ends_its_encoder_at_conv4(reference: keras.Model) -> None:
    names = {layer.name for layer in reference.layers}
    assert set(TAPS) <= names
    assert not any(name.startswith("conv5") for name in names)


def test_the_bridge_looks_at_three_distances(reference: keras.Model) -> None:
    for dilation in (3, 6, 9):
        layer = reference.get_layer(f"bridge_dilated{dilation}_conv")
        assert layer.dilation_rate == (dilation, dilation)
        assert layer.filters == 1024


def test_every_step_of_the_decoder_has_a_head_at_full_resolution(reference: keras.Model) -> None:
    alphas = reference(np.zeros((1, 32, 48, 3), np.float32), training=False)
    assert alphas.shape == (1, 32, 48, 4)
    assert float(np.min(alphas)) >= 0 and float(np.max(alphas)) <= 1


def test_lite_is_small_and_takes_any_size_its_stride_divides() -> None:
    network = build_network(LITE, backbone_weights="none")
    assert 3.5e6 < network.count_params() < 4.0e6
    assert network(np.zeros((1, 64, 96, 3), np.float32), training=False).shape == (1, 64, 96, 4)


def test_the_final_alpha_is_the_last_of_the_four() -> None:
    network = build_network(SMALL, backbone_weights="none")
    image = np.random.default_rng(0).random((1, 64, 64, 3), np.float32)
    alphas = np.asarray(network(image, training=False))
    np.testing.assert_allclose(final_alpha(network)(image)[..., 0], alphas[..., 3], atol=1e-6)


def test_a_frozen_encoder_leaves_only_the_rest_to_learn() -> None:
    network = build_network(SMALL, backbone_weights="none")
    everything = len(network.trainable_variables)
    freeze_encoder(network)
    names = {variable.path.split("/")[0] for variable in network.trainable_variables}
    assert all(name.startswith(("bridge", "decoder", "alpha")) for name in names)
    freeze_encoder(network, frozen=False)
    assert len(network.trainable_variables) == everything


def test_only_layers_that_are_named_learn() -> None:
    network = build_network(SMALL, backbone_weights="none")
    freeze_encoder(network)
    freeze_others(network, ("decoder5", "alpha4", "block0"))
    names = {variable.path.split("/")[0] for variable in network.trainable_variables}
    assert "alpha4_conv" in names
    assert all(name.startswith(("decoder5", "alpha4")) for name in names)  # the encoder is frozen
    with pytest.raises(ModelError, match=r"begins with 'decodre'.* the first is 'stem'"):
        freeze_others(network, ("decoder", "decodre"))


def test_resnet_weights_come_from_a_file_that_keras_applications_knows(
    tmp_path, reference: keras.Model
) -> None:
    source = keras.applications.ResNet50(include_top=False, weights=None)
    path = tmp_path / "resnet50.weights.h5"
    source.save_weights(path)
    network = build_network(RESNET50, backbone_weights=str(path))
    for name in ("conv1_conv", "conv4_block6_3_bn"):
        for ours, theirs in zip(
            network.get_layer(name).get_weights(), source.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)


def test_resnet_sees_images_as_its_weights_expect(reference: keras.Model) -> None:
    image = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    view = keras.Model(reference.input, reference.get_layer("conv1_pad").input)
    expected = keras.applications.resnet50.preprocess_input(image * 255)
    np.testing.assert_allclose(view(image), expected, atol=1e-3)


def test_missing_backbone_weights_name_the_way_out(tmp_path) -> None:
    with pytest.raises(ModelError, match=r"--backbone-weights PATH"):
        build_network(RESNET50, backbone_weights=str(tmp_path / "none.h5"))
