"""A Core ML package holds a program that does what the network does; Core ML itself is no part of this."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from figureground.cli import main
from figureground.errors import ModelError
from figureground.matting.letterbox import letterbox
from figureground.media.images import read_image
from figureground.models.network import build_network
from figureground.models.presets import LITE
from figureground.models.shipped import find_keras_weights
from figureground.training import export_coreml as module
from figureground.training.export_coreml import export_coreml, read_program, run_program


# coremltools leaves a folder of its own to the garbage collector.
@pytest.mark.filterwarnings("ignore:Implicitly cleaning up:ResourceWarning")
def test_the_program_of_a_package_does_what_the_network_does(
    astronaut: Path, tmp_path: Path
) -> None:
    models = pytest.importorskip("coremltools").models
    network = build_network(LITE, backbone_weights="none")
    network.load_weights(find_keras_weights("lite"))
    package = tmp_path / "lite.mlpackage"
    assert export_coreml(network, LITE, package, size=LITE.size) < 1e-4
    told = models.MLModel(str(package), skip_model_load=True).get_spec().description
    shapes = {
        part.name: list(part.type.multiArrayType.shape) for part in (*told.input, *told.output)
    }
    assert shapes == {"image": [1, 384, 384, 3], "alpha": [1, 384, 384, 1]}
    square, _ = letterbox(read_image(astronaut).rgb, (384, 384))
    expected = np.asarray(network(square[None], training=False))[..., -1:]
    found = run_program(read_program(package), square[None])
    np.testing.assert_allclose(found, expected, atol=1e-4)


def variable(name: str, val: object = None) -> SimpleNamespace:
    return SimpleNamespace(name=name, val=val)


def step(op_type: str, result: str, **taken: object) -> SimpleNamespace:
    """A step of a program; texts with a $ are names of results, all else is a constant."""
    inputs = {
        name: variable(str(val)[1:]) if str(val).startswith("$") else variable("", val)
        for name, val in taken.items()
    }
    return SimpleNamespace(op_type=op_type, inputs=inputs, outputs=[variable(result)])


def program(*steps: SimpleNamespace) -> SimpleNamespace:
    last = steps[-1].outputs
    return SimpleNamespace(inputs={"image": None}, operations=steps, outputs=last)


def test_steps_do_what_their_definitions_say() -> None:
    image = np.arange(12, dtype=np.float32).reshape(1, 2, 2, 3)
    window = {"strides": [1, 1], "dilations": [1, 1], "pad": [1, 0, 1, 0], "pad_type": "custom"}
    made = run_program(
        program(
            step("transpose", "a", x="$image", perm=[0, 3, 1, 2]),
            step("conv", "b", x="$a", weight=np.ones((3, 1, 2, 2)), groups=3, **window),
            step("mul", "c", x="$b", y=np.float16(0.5)),
            step("upsample_bilinear", "d", x="$c", scale_factor_height=2.0,
                 scale_factor_width=2.0, align_corners=False),
        ),
        image,
    )  # fmt: skip
    assert made.shape == (1, 3, 4, 4)
    # Of the first channel, 0 3 / 6 9, sums of what is above and left, halved: 0 1.5 / 3 9.
    np.testing.assert_allclose(made[0, 0, 0], [0, 0.375, 1.125, 1.5])
    np.testing.assert_allclose(made[0, 0, :, 0], [0, 0.75, 2.25, 3])
    assert made[0, 0, 3, 3] == 9


def test_channels_are_put_in_another_order() -> None:
    image = np.arange(12, dtype=np.float32).reshape(1, 2, 2, 3)
    made = run_program(program(step("reverse", "bgr", x="$image", axes=[-1])), image)
    np.testing.assert_array_equal(made, image[..., ::-1])


def test_a_step_of_another_kind_is_not_proven() -> None:
    with pytest.raises(ModelError, match="'lstm' cannot be proven"):
        run_program(program(step("lstm", "a", x="$image")), np.zeros((1, 2, 2, 3), np.float32))


def test_without_coremltools_a_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    words = ["lite", "--to", "coreml", "-o", str(tmp_path / "lite.mlpackage")]
    assert main(["export", *words]) == 2
    line = capsys.readouterr().err
    assert "pip install coremltools" in line and line.count("\n") == 1
    assert not list(tmp_path.iterdir())
