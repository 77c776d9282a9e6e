"""Networks that learn from others."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tiny import TINY

from figureground.errors import RunError, UsageError
from figureground.models.network import build_network
from figureground.training.distillation import distilled, load_teachers
from figureground.training.recipe import Recipe
from figureground.training.train import train


@pytest.fixture
def recipe(people: Path) -> Recipe:
    return Recipe(
        data=(str(people),),
        preset="tiny",
        image_size=32,
        epochs=1,
        batch_size=4,
        val_share=0.3,
        learning_rate=0.02,
    )


@pytest.fixture
def teacher(recipe: Recipe, tmp_path: Path) -> Path:
    """A run that may teach."""
    train(recipe, tmp_path / "teacher")
    return tmp_path / "teacher"


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_truth_is_shared_with_the_mean_of_all_teachers_and_views(share: float) -> None:
    ramp = np.linspace(0, 1, 8, dtype=np.float32)[:, None]

    def first(images, *, training: bool):
        assert not training
        return images[..., :1] * ramp

    def second(images, *, training: bool):
        return 1 - images[..., 1:2]

    random = np.random.default_rng(0)
    images, truth = random.random((4, 8, 8, 3)), random.random((4, 8, 8, 1))
    batches = tf.data.Dataset.from_tensors((images.astype("f4"), truth.astype("f4")))
    seen, learnt = next(distilled(batches, [first, second], share).as_numpy_iterator())
    np.testing.assert_allclose(seen, images, rtol=1e-6)
    # The ramp and its mirror image are 0.5 on average.
    answer = (images[..., :1] / 2 + 1 - images[..., 1:2]) / 2
    np.testing.assert_allclose(learnt, truth + share * (answer - truth), rtol=1e-4)
    assert distilled(batches, [], share) is batches


@pytest.mark.slow
def test_a_run_and_a_file_of_weights_can_teach(
    recipe: Recipe, teacher: Path, tmp_path: Path
) -> None:
    names = (str(teacher), str(teacher / "best.weights.h5"))
    mattes = [one(np.ones((1, 32, 32, 3), "f4")) for one in
              load_teachers(replace(recipe, teachers=names))]  # fmt: skip
    assert mattes[0].shape == (1, 32, 32, 1)
    np.testing.assert_array_equal(*mattes)
    with pytest.raises(UsageError, match="there is no 'nobody'"):
        load_teachers(replace(recipe, teachers=("nobody",)))


@pytest.mark.slow
def test_who_learns_from_a_teacher_alone_comes_to_say_the_same(
    recipe: Recipe, tmp_path: Path
) -> None:
    teacher = build_network(TINY, backbone_weights="none")
    head = teacher.get_layer("alpha4_conv")
    head.set_weights([np.zeros_like(head.get_weights()[0]), np.full((1,), -1.1, np.float32)])
    teacher.save_weights(tmp_path / "quarter.weights.h5")  # a quarter of everything is somebody
    names = (str(tmp_path / "quarter.weights.h5"),)
    alone = replace(
        recipe,
        teachers=names,
        distillation_weight=1.0,
        epochs=6,
        learning_rate=0.05,
        losses={"bce": 1.0},
    )
    train(alone, tmp_path / "run")
    row = (tmp_path / "run" / "metrics.csv").read_text().splitlines()[-1].split(",")
    header = (tmp_path / "run" / "metrics.csv").read_text().splitlines()[0].split(",")
    assert 0.56 < float(row[header.index("loss")]) < 0.6  # 0.562 is the least for a quarter
    origin = json.loads((tmp_path / "run" / "run.json").read_text())
    assert len(origin["teachers_sha256"][0]) == 64


@pytest.mark.slow
def test_a_run_does_not_go_on_with_a_teacher_that_has_changed(
    recipe: Recipe, teacher: Path, tmp_path: Path
) -> None:
    asked = replace(recipe, teachers=(str(teacher),))
    out = tmp_path / "run"
    train(asked, out)
    train(asked, out)  # all is as it was
    other = tmp_path / "other"
    train(replace(recipe, seed=1), other)
    shutil.copy(other / "best.weights.h5", teacher / "best.weights.h5")
    with pytest.raises(RunError, match=r"a teacher of the run in .* has changed"):
        train(asked, out)


def test_a_teacher_that_has_learnt_nothing_yet_is_told_before_anything_is_read(
    recipe: Recipe, teacher: Path, tmp_path: Path
) -> None:
    (teacher / "best.weights.h5").unlink()
    events: list[dict] = []
    with pytest.raises(RunError, match=r"cannot learn from .*teacher.*a finished epoch"):
        train(replace(recipe, teachers=(str(teacher),)), tmp_path / "run", tell=events.append)
    assert not events and not (tmp_path / "run").exists()
