"""What is told of TF_CONFIG before any worker waits for another."""

import json
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

from figureground.errors import RecipeError, UsageError
from figureground.training.recipe import Recipe
from figureground.training.train import train
from figureground.training.workers import read_cluster


def config(workers: list[str], **task: object) -> str:
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", **task}})


def test_a_worker_knows_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", config(["a:1", "b:1", "c:1"], index=2))
    assert read_cluster() == (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        config(["a:1", "b:1"]),
        config(["a:1", "b:1"], index=2),
        config(["a:1", "b:1"], index=-1),
        config(["a:1", "a:1"], index=0),
        config(["a:1", "b:1"], index=0, type="ps"),
        '{"cluster": {"worker": ["a:1"], "ps": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
    ],
)
def test_a_cluster_that_makes_no_sense_is_one_line(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(UsageError, match="--workers needs the variable TF_CONFIG") as said:
        read_cluster()
    assert len(str(said.value)) <= 300 and "\n" not in str(said.value)


def test_a_batch_that_workers_cannot_share_is_told_before_they_meet(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CONFIG", config(["a:1", "b:1", "c:1"], index=0))
    with pytest.raises(RecipeError, match="on 3 devices; give --batch-size 6 or 9"):
        train(Recipe(data=(str(people),), batch_size=8), tmp_path / "run", workers=True)
    assert not (tmp_path / "run").exists()
