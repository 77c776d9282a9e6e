"""Training on several devices, which are halves of the processor here."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from figureground.errors import RecipeError, UsageError
from figureground.training.devices import check_shares, find_strategy
from figureground.training.recipe import Recipe

LIMIT = 500  # seconds that a process may take
SCRIPT = Path(__file__).parents[1] / "shared_batches.py"


@pytest.fixture(scope="module")
def trained(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run on one device and one on two."""
    out = tmp_path_factory.mktemp("devices")
    command = [sys.executable, str(SCRIPT), str(people), str(out)]
    done = subprocess.run(command, timeout=LIMIT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return out


@pytest.mark.slow
def test_two_devices_learn_as_one_does(trained: Path) -> None:
    steps = json.loads((trained / "steps.json").read_text())
    assert len(steps["one"]) >= 50
    np.testing.assert_allclose(steps["two"], steps["one"], rtol=1e-5)


@pytest.mark.slow
def test_two_devices_clip_the_sum_of_their_gradients(trained: Path) -> None:
    moved = json.loads((trained / "steps.json").read_text())["clipped"]
    np.testing.assert_allclose(moved, 0.1, rtol=1e-5)


@pytest.mark.slow
def test_two_devices_are_judged_as_one_is(trained: Path) -> None:
    rows = []
    for name in ("one", "two"):
        with (trained / name / "metrics.csv").open(newline="") as file:
            rows.append(list(csv.DictReader(file)))
    for one, two in zip(*rows, strict=True):
        for name in ("loss", "iou", "val_loss", "val_iou", "learning_rate"):
            assert float(two[name]) == pytest.approx(float(one[name]), rel=2e-5), name


def test_more_devices_than_there_are_is_one_line() -> None:
    for wrong in ("99", "0", "two", "-1"):
        with pytest.raises(UsageError, match=rf"--devices {wrong}: there (is|are) \d+ device"):
            find_strategy(wrong)
    assert find_strategy(None).num_replicas_in_sync == 1
    assert find_strategy("1").num_replicas_in_sync == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"batch_size": 5}, r"batch_size 5.*on 2 devices; give --batch-size 4 or 6"),
        ({"batch_size": 1}, r"give --batch-size 2 or 4"),
        ({"gradient_accumulation_steps": 4}, r"=1 and a batch_size of up to 32"),
        ({"precision": "float16"}, r"precision=bfloat16"),
    ],
)
def test_what_devices_would_do_otherwise_is_refused(change: dict, said: str) -> None:
    recipe = replace(Recipe(data=("people",)), **change)
    with pytest.raises(RecipeError, match=said):
        check_shares(recipe, 2)
    check_shares(recipe, 1)


def test_other_backends_refuse_devices(people: Path, tmp_path: Path) -> None:
    pytest.importorskip("jax")
    code = (
        "from figureground.training.devices import find_strategy\n"
        "try: find_strategy('all')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], timeout=LIMIT, capture_output=True, text=True,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )  # fmt: skip
    assert done.stdout.startswith("UsageError --devices needs TensorFlow")
