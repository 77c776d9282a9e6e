"""From a network to the file that everything else eats."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from tiny import TINY

from figureground.cli import main
from figureground.cli.measurement import open_networks
from figureground.engines import open_engine
from figureground.errors import ModelError, SizeError, UsageError
from figureground.matting.letterbox import letterbox
from figureground.media.images import read_image
from figureground.models.metadata import read_metadata
from figureground.models.network import build_network
from figureground.models.presets import LITE
from figureground.models.shipped import find_keras_weights, find_model
from figureground.training.checkpoints import find_weights, first_run, load_mean, parse_share
from figureground.training.export import export_litert
from figureground.training.recipe import Recipe
from figureground.training.recipe_file import save_recipe
from figureground.training.rounding import rounded_copy


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    network = build_network(LITE, backbone_weights="none")
    network.load_weights(find_keras_weights("lite"))
    return network


@pytest.fixture(scope="module")
def exported(trained: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "lite.tflite"
    export_litert(trained, LITE, path, size=LITE.size)
    return path


@pytest.mark.slow
def test_litert_agrees_with_keras_on_a_real_image(
    trained: keras.Model, exported: Path, astronaut: Path
) -> None:
    square, _ = letterbox(read_image(astronaut).rgb, (LITE.size, LITE.size))
    expected = np.asarray(trained(square[None], training=False))[0, ..., -1]
    assert expected.max() > 0.99 and expected.min() < 0.01
    for path in (exported, find_model("lite")):
        np.testing.assert_allclose(open_engine(path)(square), expected, atol=1e-3)


@pytest.mark.slow
def test_the_file_says_what_it_takes_and_is_small(exported: Path) -> None:
    card = read_metadata(exported)
    assert (card.preset, card.size, card.color) == ("lite", (LITE.size, LITE.size), "RGB")
    assert (card.low, card.high) == (0.0, 1.0)
    assert exported.stat().st_size < 8e6


@pytest.mark.slow
def test_only_the_final_matte_is_an_output(exported: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(exported))
    assert interpreter.get_signature_list() == {
        "serving_default": {"inputs": ["image"], "outputs": ["alpha"]}
    }


@pytest.mark.slow
def test_an_image_of_another_size_is_refused_by_the_engine(exported: Path) -> None:
    with pytest.raises(SizeError, match="the network takes"):
        open_engine(exported)(np.zeros((32, 32, 3), np.float32))


@pytest.mark.parametrize("name", ["lite", "lite-int8"])
def test_one_file_takes_other_sizes_and_sees_the_same(
    trained: keras.Model, astronaut: Path, name: str
) -> None:
    engine = open_engine(find_model(name)).resized((230, 320))
    assert engine.size == (224, 320)
    square, _ = letterbox(read_image(astronaut).rgb, engine.size)
    expected = np.asarray(trained(square[None], training=False))[0, ..., -1]
    apart = np.abs(engine(square) - expected)
    assert apart.mean() < (1e-4 if name == "lite" else 0.013)
    assert engine.resized((384, 384)).size == (384, 384)
    assert engine.resized((384, 384)) is engine.resized((390, 380))


def test_a_size_that_the_stride_does_not_divide_is_refused(
    trained: keras.Model, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="multiple of 32"):
        export_litert(trained, LITE, tmp_path / "a.tflite", size=100)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_run_is_exported_and_measured_at_the_size_it_was_trained_at(
    trained: keras.Model, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_recipe(Recipe(data=("x",), image_size=64), tmp_path / "recipe.toml")
    trained.save_weights(tmp_path / "best.weights.h5")
    out = tmp_path / "mine.tflite"
    assert main(["export", str(tmp_path), "-o", str(out)]) == 0
    assert "64 x 64" in (said := capsys.readouterr().out) and "within" in said
    assert open_engine(out).size == (64, 64)
    seen = []
    monkeypatch.setattr(
        "figureground.cli.measurement.estimate_alpha", lambda rgb, engine: seen.append(engine.size)
    )
    open_networks(str(tmp_path))[0](np.zeros((8, 8, 3), np.uint8))
    assert seen == [(64, 64)]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "best.weights.h5", "mine.tflite", "recipe.toml"
    ]  # fmt: skip


def test_rounding_makes_weights_float16_numbers_and_moves_the_matte_little(
    trained: keras.Model, astronaut: Path
) -> None:
    network = build_network(LITE)  # the encoder's own weights are no float16 numbers
    rounded = rounded_copy(network)
    norm, conv = rounded.get_layer("stem_bn"), rounded.get_layer("stem")
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    folded = conv.get_weights()[0] * scale
    np.testing.assert_allclose(folded, folded.astype(np.float16), rtol=1e-6)
    bias = beta - mean * scale
    np.testing.assert_allclose(bias, bias.astype(np.float16), rtol=1e-5, atol=1e-6)
    square, _ = letterbox(read_image(astronaut).rgb, (LITE.size, LITE.size))
    before, after = (
        np.asarray(n(square[None], training=False)) for n in (trained, rounded_copy(trained))
    )
    np.testing.assert_allclose(after, before, atol=1e-4)  # what ships is rounded already


@pytest.mark.slow
def test_weights_for_training_are_written_by_the_command(trained: keras.Model, tmp_path) -> None:
    save_recipe(Recipe(data=("x",)), tmp_path / "recipe.toml")
    trained.save_weights(tmp_path / "best.weights.h5")
    assert (
        main(["export", str(tmp_path), "--to", "keras", "-o", str(tmp_path / "lite.weights.h5")])
        == 0
    )
    network = build_network(LITE, backbone_weights="none")
    network.load_weights(tmp_path / "lite.weights.h5")
    assert len(list(tmp_path.iterdir())) == 3


def test_a_run_without_a_finished_epoch_says_so(tmp_path: Path, capsys) -> None:
    save_recipe(Recipe(data=("x",)), tmp_path / "recipe.toml")
    assert main(["export", str(tmp_path)]) == 1
    assert "no finished epoch" in capsys.readouterr().err


@pytest.mark.slow
def test_int8_is_smaller_and_stays_near(trained: keras.Model, astronaut: Path, tmp_path) -> None:
    square, _ = letterbox(read_image(astronaut).rgb[:260], (LITE.size, LITE.size))
    squares = [square, square[:, ::-1].copy(), square * 0.6, square**1.5]
    path = tmp_path / "lite-int8.tflite"
    drifted = export_litert(trained, LITE, path, size=LITE.size, calibration=squares)
    assert drifted < 0.007
    assert path.stat().st_size < 5.2e6
    assert np.abs(open_engine(path)(square) - open_engine(find_model("lite"))(square)).mean() < 0.01


def test_int8_without_images_to_calibrate_with_says_so(
    trained: keras.Model, tmp_path: Path, capsys
) -> None:
    save_recipe(Recipe(data=("x",)), tmp_path / "recipe.toml")
    trained.save_weights(tmp_path / "best.weights.h5")
    assert main(["export", str(tmp_path), "--to", "int8"]) == 2
    assert "--calibration" in capsys.readouterr().err


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    """Two runs of a small network, whose weights are all 1 and all 4, and the weights of one."""
    network = build_network(TINY)
    for name, level in (("one", 1.0), ("four", 4.0)):
        save_recipe(
            Recipe(data=("x",), preset="tiny", image_size=32), tmp_path / name / "recipe.toml"
        )
        network.set_weights([np.full_like(values, level) for values in network.get_weights()])
        network.save_weights(tmp_path / name / "best.weights.h5")
    network.save_weights(tmp_path / "four.weights.h5")
    return [str(tmp_path / name) for name in ("one", "four", "four.weights.h5")]


def test_networks_are_averaged_by_their_shares_statistics_too(runs: list[str]) -> None:
    one, four, weights = runs
    for texts, level in (
        ([one], 1.0),
        ([one, four], 2.5),
        ([f"{one}:2", four], 2.0),
        ([one, four, f"{weights}:1"], 3.0),
    ):
        network, preset = load_mean(texts, preset=TINY)
        assert preset == TINY
        assert {float(values.min()) for values in network.get_weights()} == {level}
        assert {float(values.max()) for values in network.get_weights()} == {level}
        assert any(v.name.startswith("moving_") for v in network.non_trainable_variables)


@pytest.mark.slow
def test_the_mean_of_a_network_and_itself_exports_what_it_was(
    trained: keras.Model, astronaut: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    save_recipe(Recipe(data=("x",)), tmp_path / "run" / "recipe.toml")
    trained.save_weights(tmp_path / "run" / "best.weights.h5")
    assert main(["export", "lite:3", str(tmp_path / "run"), "--to", "keras", "--json",
                 "-o", str(tmp_path / "run" / "lite.weights.h5")]) == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(tmp_path / "run" / "lite.weights.h5") and told["bytes"] > 1e6
    network = build_network(LITE, backbone_weights="none")
    network.load_weights(told["file"])
    square, _ = letterbox(read_image(astronaut).rgb, (LITE.size, LITE.size))
    before, after = (np.asarray(n(square[None], training=False)) for n in (trained, network))
    np.testing.assert_allclose(after, before, atol=1e-4)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["lite:0"], "number above 0"),
        (["lite", "RUN"], "only networks of one preset have a mean"),
        (["RUN/best.weights.h5"], "--preset"),
        (["lite"], "-o FILE"),
        (["."], "not the folder of a training run"),
    ],
)
def test_what_has_no_mean_is_one_line(
    runs: list[str], texts: list[str], message: str, capsys: pytest.CaptureFixture
) -> None:
    out = [] if message == "-o FILE" else ["-o", "x.tflite"]
    assert main(["export", *(text.replace("RUN", runs[0]) for text in texts), *out]) == 2
    line = capsys.readouterr().err
    assert message in line and line.count("\n") == 1


def test_a_share_stands_behind_the_name() -> None:
    assert parse_share("runs/a:0.5") == ("runs/a", 0.5)
    assert parse_share("runs/a") == ("runs/a", 1.0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["runs/mien"], "there is no 'runs/mien'"),
        (["lite", "-o", "mine"], r"ends in \.tflite"),
        (["lite", "--to", "keras", "-o", "k.tflite"], r"ends in \.keras or \.weights\.h5"),
    ],
)
def test_a_name_that_makes_no_sense_is_told_before_anything_is_done(
    words: list[str], message: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", *words]) == 2
    assert re.search(message, capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_folder_gets_a_file_of_the_presets_name(tmp_path: Path) -> None:
    assert main(["export", "lite:1", "lite:2", "--to", "keras", "-o", str(tmp_path), "-q"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["lite.keras"]


def test_a_run_goes_before_a_preset_of_its_name_and_no_other_folder_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "lite"
    run.mkdir()
    assert find_weights("lite") == find_keras_weights("lite")
    assert first_run(["lite"]) is None
    open_networks("lite")
    save_recipe(Recipe(data=("x",)), run / "recipe.toml")
    assert find_weights("lite") == Path("lite") / "best.weights.h5"
    assert first_run(["lite"]) == Path("lite")
    for opened in (open_networks, lambda name: load_mean([name])):
        with pytest.raises(ModelError, match="'lite' holds no finished epoch"):
            opened("lite")
