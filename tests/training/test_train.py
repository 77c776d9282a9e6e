"""Whole runs of a tiny network: what they leave behind, how they stop and how they go on."""

import csv
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.util import event_pb2
from tiny import TINY

from figureground.cli import main
from figureground.cli.train_lines import Teller
from figureground.errors import DataError, FileError, ModelError, RecipeError, RunError, UsageError
from figureground.media.lock import locked
from figureground.models.network import build_network
from figureground.training.checkpoints import load_trained
from figureground.training.interrupt import Interrupt
from figureground.training.optimizer import (
    Rate,
    averaged,
    compile_network,
    ema_momentum,
    epochs_without_gain,
    plateau_share,
    statistics,
)
from figureground.training.recipe import Recipe
from figureground.training.recipe_file import load_recipe, save_recipe
from figureground.training.run_dir import RunDir, RunProgress
from figureground.training.start import start_network
from figureground.training.train import how_to_go_on, train

SHEET = (4 * (32 + 18 + 6) + 6, 3 * 32 + 2 * 6, 3)  # four rows of three, captions and gaps
LIMIT = 300  # seconds that a process may take
SCRIPT = [sys.executable, str(Path(__file__).parents[1] / "tiny.py"), "train"]


@pytest.fixture(scope="module")
def recipe(people: Path) -> Recipe:
    """Everything that has a memory: averages, plateaus, two stages, gathered gradients."""
    return Recipe(
        data=(str(people),), preset="tiny", image_size=32, epochs=4, batch_size=4, val_share=0.3,
        learning_rate=0.02, schedule="constant", warmup=0, patience=3,
        plateau_patience=1, plateau_factor=0.5, ema_momentum=0.4, gradient_accumulation_steps=2,
        frozen_epochs=1, encoder_lr_scale=0.1, copy_paste=0.3,
    )  # fmt: skip


@pytest.fixture(scope="module")
def finished(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list]:
    """An unbroken run and what it told."""
    out, events = tmp_path_factory.mktemp("runs") / "unbroken", list[Any]()
    train(recipe, out, tell=events.append)
    return out, events


@pytest.mark.slow
def test_only_what_is_named_learns(recipe: Recipe, finished: tuple[Path, list], tmp_path) -> None:
    run, out = finished[0], tmp_path / "heads"
    train(replace(recipe, init=str(run), epochs=1, frozen_epochs=0, trainable=("alpha4",)), out)
    before, after = load_trained(str(run))[0], load_trained(str(out))[0]
    for layer in before.layers:
        same = map(np.array_equal, layer.get_weights(), after.get_layer(layer.name).get_weights())
        assert all(same) != (layer.name == "alpha4_conv"), layer.name


def test_a_name_of_no_layer_is_told_before_anything_is_read(recipe: Recipe, tmp_path: Path) -> None:
    events: list[dict] = []
    with pytest.raises(ModelError, match="no layer's name begins with 'decodr'"):
        train(replace(recipe, trainable=("decodr",)), tmp_path / "run", tell=events.append)
    assert not events and not (tmp_path / "run").exists()


def metrics(run: Path) -> list[dict[str, str]]:
    with (run / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def assert_same_curves(run: Path, other: Path) -> None:
    ours, theirs = metrics(run), metrics(other)
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        for column in ("loss", "iou", "val_loss", "learning_rate"):
            assert float(our[column]) == pytest.approx(float(their[column]), rel=1e-3)


@pytest.mark.slow
def test_a_run_leaves_what_it_is_made_of_and_nothing_else(finished: tuple) -> None:
    out, _ = finished
    assert {path.name for path in out.iterdir()} == {
        "recipe.toml", "run.json", "metrics.csv", "best.weights.h5", "last.weights.h5", "sheets",
        "events", "report.html",
    }  # fmt: skip
    epochs = len(metrics(out))
    assert len(list((out / "sheets").iterdir())) == epochs
    assert cv2.imread(str(out / "sheets" / "001.png")).shape == SHEET
    assert any(path.stat().st_size > 1000 for path in (out / "events").iterdir())


@pytest.mark.slow
def test_a_run_says_what_it_was_made_from(finished: tuple, recipe: Recipe) -> None:
    out, _ = finished
    assert load_recipe(out / "recipe.toml") == recipe
    origin = json.loads((out / "run.json").read_text())
    assert origin["seed"] == 42 and {"keras", "tensorflow"} <= set(origin["versions"])
    assert [part["pairs"] for part in origin["data"]] == [8, 4]
    assert all(len(part["sha256"]) == 64 for part in origin["data"])
    assert origin["init_sha256"] is None


@pytest.mark.slow
def test_the_events_tell_the_metrics(finished: tuple) -> None:
    out, events = finished
    kinds = [event["event"] for event in events if event["event"] not in ("progress", "phase")]
    assert kinds == ["start", *["epoch"] * len(metrics(out)), "end"]
    told = [event["val_loss"] for event in events if event["event"] == "epoch"]
    assert told == [float(row["val_loss"]) for row in metrics(out)]


@pytest.mark.slow
def test_what_is_done_before_the_first_step_of_each_stage_is_told(finished: tuple) -> None:
    told = [event.get("what", event["event"]) for event in finished[1]]
    first, *_ = (number for number, what in enumerate(told) if what == "learning")
    assert [what for what in told[:first] if what != "reading"] == [
        "looking for near duplicates", "checking all files", "start", "building the network",
        "compiling the first step",
    ]  # fmt: skip
    assert told.count("compiling the first step") == 2  # the encoder wakes


@pytest.mark.slow
def test_tensorboard_finds_curves_and_sample_mattes(finished: tuple) -> None:
    curves: dict[str, list[float]] = {}
    sheets = []
    for file in sorted((finished[0] / "events").iterdir()):
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            for value in event_pb2.Event.FromString(record).summary.value:
                curves.setdefault(value.tag, []).append(value.simple_value)
                if value.HasField("image"):
                    sheets.append(np.frombuffer(value.image.encoded_image_string, np.uint8))
    told = [float(row["val_iou"]) for row in metrics(finished[0])]
    assert curves["val_iou"] == pytest.approx(told)
    assert [cv2.imdecode(sheet, cv2.IMREAD_COLOR).shape for sheet in sheets] == [
        SHEET for _ in told
    ]


@pytest.mark.slow
def test_the_report_needs_no_other_file(finished: tuple) -> None:
    text = (finished[0] / "report.html").read_text()
    assert text.count("<polyline") == 5
    assert text.count("data:image/jpeg;base64,") == 4 * 4
    assert "http" not in text and 'src="' not in text.replace('src="data:', "")


@pytest.mark.slow
def test_the_best_weights_are_the_averaged_ones_that_were_judged(
    finished: tuple, recipe: Recipe
) -> None:
    from figureground.training.dataset import decode, find_data, validation_dataset

    out, _ = finished
    network = start_network(recipe)
    compile_network(network, recipe, 2)
    network.load_weights(out / "best.weights.h5")
    decoded = decode(recipe, find_data(recipe), out)
    measured = network.evaluate(validation_dataset(recipe, decoded), verbose=0, return_dict=True)[
        "loss"
    ]
    for file in out.glob("samples*"):
        file.unlink()
    best = min(float(row["val_loss"]) for row in metrics(out))
    assert measured == pytest.approx(best, rel=1e-4)


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_as_an_unbroken_one(
    recipe: Recipe, finished: tuple, tmp_path: Path
) -> None:
    save_recipe(recipe, tmp_path / "mine.toml")
    killed = tmp_path / "killed"
    command = [*SCRIPT, str(tmp_path / "mine.toml"), "--output", str(killed), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until = time.monotonic() + LIMIT
    while not (killed / "last.weights.h5").exists():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < until, "the run kept nothing"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(LIMIT)
    before = len(metrics(killed))
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT)
    told = map(json.loads, done.stdout.splitlines())
    events = [event for event in told if event["event"] != "phase"]
    assert events[0]["event"] == "start" and events[0]["epoch"] in (before, before - 1)
    assert events[-1]["event"] == "end"
    assert_same_curves(killed, finished[0])
    assert not list(killed.glob(".*"))


@pytest.mark.slow
def test_a_run_goes_on_exactly_from_its_second_stage(
    recipe: Recipe, finished: tuple, tmp_path: Path
) -> None:
    def stop(event: dict) -> None:
        if event["event"] == "epoch" and event["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path, tell=stop)
    assert len(metrics(tmp_path)) == 2
    train(recipe, tmp_path)
    assert_same_curves(tmp_path, finished[0])


class Killed(BaseException):
    """What nothing catches, as SIGKILL."""


def when(what: str, epoch: int, act: Callable[[], None]) -> Callable[[dict], None]:
    """Takes a run's events and acts when it does something in an epoch."""

    def tell(event: dict) -> None:
        if event.get("what") == what and event["epoch"] == epoch:
            act()

    return tell


@pytest.mark.slow
def test_a_run_stopped_within_epochs_goes_on_from_the_step(
    recipe: Recipe, finished: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Ctrl-C while the encoder is frozen, by Ctrl-C when it learns, then killed."""

    def ctrl_c() -> None:
        signal.raise_signal(signal.SIGINT)

    def kill() -> None:
        raise Killed

    before = signal.getsignal(signal.SIGINT)
    run = RunDir(tmp_path)  # two steps an epoch
    for epoch in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            train(recipe, tmp_path, tell=when("learning", epoch, ctrl_c))
        assert (run.place().epoch, run.place().step) == (epoch - 1, 1)
        assert how_to_go_on(tmp_path).endswith(f"goes on after step 1 of epoch {epoch}")
    assert signal.getsignal(signal.SIGINT) is before
    monkeypatch.setattr("figureground.training.callbacks.SAVE_EVERY", 0.0)
    with pytest.raises(Killed):
        train(recipe, tmp_path, tell=when("judging", 3, kill))
    assert (run.place().epoch, run.place().step) == (2, 1)
    train(recipe, tmp_path)
    assert_same_curves(tmp_path, finished[0])


def test_a_second_ctrl_c_stops_at_once() -> None:
    asked: list[str] = []
    with Interrupt(lambda: asked.append("once")) as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.asked and asked == ["once"]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def interrupted(*_, **__) -> None:
    raise KeyboardInterrupt


def begin(recipe: Recipe, out: Path) -> list[dict]:
    """What a run tells before it learns."""
    events: list[dict] = []
    with pytest.raises(KeyboardInterrupt):
        train(recipe, out, tell=events.append)
    return events


@pytest.fixture
def mine(recipe: Recipe, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """A run of images that may be changed, which ends where it would learn."""

    def learn(recipe: Recipe, folder: RunDir, *_, **__) -> None:
        h5py.File(folder.last, "w").close()
        raise KeyboardInterrupt

    monkeypatch.setattr("figureground.training.train._run", learn)
    shutil.copytree(people, tmp_path / "mine")
    return replace(recipe, data=(str(tmp_path / "mine"),))


def test_a_run_does_not_go_on_with_other_images(mine: Recipe, people: Path, tmp_path: Path) -> None:
    images = tmp_path / "mine" / "images"
    begin(mine, tmp_path / "run")
    (images / "3.jpg").write_bytes(b"no image any more")
    told = [e["reason"] for e in begin(mine, tmp_path / "run") if e["event"] == "unreadable"]
    assert len(told) == 1 and "3.jpg" in told[0]
    (images / "3.jpg").write_bytes((images / "4.jpg").read_bytes())
    with pytest.raises(RunError, match=r"is not what the run.*--init"):
        train(mine, tmp_path / "run")
    shutil.copy(people / "images" / "3.jpg", images)
    begin(mine, tmp_path / "run")
    for room, ending in (("images", "jpg"), ("masks", "png")):
        shutil.copy(people / room / f"4.{ending}", tmp_path / "mine" / room / f"4b.{ending}")
    with pytest.raises(RunError, match=r"mine/images/4b\.jpg' is new"):
        train(mine, tmp_path / "run")
    for file in (tmp_path / "mine").rglob("4b.*"):
        file.unlink()
    behind = replace(mine, data=(str(people),), backgrounds=str(images), background_replacement=0.5)
    begin(behind, tmp_path / "other")
    (images / "5.jpg").unlink()
    with pytest.raises(RunError, match=r"12 pairs then, 11 now"):
        train(behind, tmp_path / "other")


def test_an_unreadable_image_hides_no_change_of_others(
    mine: Recipe, people: Path, tmp_path: Path
) -> None:
    images = tmp_path / "mine" / "images"
    (images / "3.jpg").write_bytes(b"no image")
    begin(mine, tmp_path / "run")
    (images / "5.jpg").write_bytes(b"no image any more")
    begin(mine, tmp_path / "run")
    shutil.copy(people / "images" / "4.jpg", images / "6.jpg")
    with pytest.raises(RunError, match=r"6\.jpg' or its mask has changed; put it back"):
        train(mine, tmp_path / "run")
    shutil.copy(people / "images" / "6.jpg", images)
    shutil.copy(people / "images" / "3.jpg", images)
    with pytest.raises(RunError, match=r"3\.jpg' could not be read then and can be now"):
        train(mine, tmp_path / "run")
    (tmp_path / "run" / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"run\.json' does not say what the run began with"):
        train(mine, tmp_path / "run")


def test_images_held_back_that_are_learnt_from_are_told(
    recipe: Recipe, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("figureground.training.train._run", interrupted)
    shutil.copytree(people, tmp_path / "mine")
    for room, ending in (("images", "jpg"), ("masks", "png")):
        first = (tmp_path / "mine" / room / f"0.{ending}").read_bytes()
        for number in range(1, 12):
            (tmp_path / "mine" / room / f"{number}.{ending}").write_bytes(first)
    mine = replace(recipe, data=(str(tmp_path / "mine"),))
    with monkeypatch.context() as patch:  # stopped while they are looked for
        patch.setattr("figureground.training.train.find_leaks", interrupted)
        begin(mine, tmp_path / "run")
    events = begin(mine, tmp_path / "run")
    (leak,) = [event for event in events if event["event"] == "leak"]
    assert (leak["images"], leak["of"]) == (4, 4) and len(set(leak["example"])) == 2
    assert not [e for e in begin(recipe, tmp_path / "other") if e["event"] == "leak"]


def test_a_run_is_told_in_lines_and_bars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("figureground.cli.progress.EVERY", 0.0)
    monkeypatch.setenv("COLUMNS", "120")
    tell, learning = Teller(), {"event": "progress", "what": "learning", "total": 9, "epochs": 4}
    tell({"event": "phase", "what": "building the network"})
    tell({"event": "start", "epoch": 2, "step": 5, "unreadable": 1})
    for step in (5, 6, 7):
        tell({**learning, "done": step, "epoch": 3, "loss": 0.25, "iou": 0.5})
    figures = {"loss": 0.5, "iou": 0.75, "val_loss": 0.25, "val_iou": 0.875}
    tell({"event": "epoch", "epoch": 3, "best": True, "seconds": 61.0, **figures})
    tell({"event": "leak", "images": 2, "of": 9, "example": ("a", "b")})
    tell({**learning, "done": 8, "epoch": 4})
    tell.close()
    told = capsys.readouterr()
    assert told.err.endswith("\r")  # nothing of the bar is left before what comes next
    assert told.out.splitlines() == [
        "going on after epoch 2, step 5",
        "epoch 3: loss 0.5000, IoU 0.750; held back: loss 0.2500, IoU 0.875, the best so far; "
        "1 min 01 s",
    ]
    assert told.err.startswith("building the network ...\n")
    assert "7/9 steps of epoch 3/4" in told.err and "loss 0.250, IoU 0.500" in told.err
    assert "2 of 9 images held back are nearly the same" in told.err and "'a' and 'b'" in told.err


def test_ctrl_c_is_one_line_that_says_how_to_go_on(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("figureground.training.train._run", interrupted)
    save_recipe(recipe, tmp_path / "mine.toml")
    run = tmp_path / "my run"
    assert main(["train", str(tmp_path / "mine.toml"), "--output", str(run), "-q"]) == 130
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and "figureground train '" in line and "my run'" in line


@pytest.mark.slow
def test_a_full_disk_is_one_line_that_says_how_to_go_on(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(network, path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("figureground.training.run_dir.save_weights", full)
    with pytest.raises(RunError, match=r"No space.*free some space.*figureground train") as said:
        train(replace(recipe, epochs=1, gradient_accumulation_steps=1), tmp_path)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("late", [False, True])
def test_a_disk_that_fills_while_hdf5_writes_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    network, folder = build_network(TINY), RunDir(tmp_path)

    def save(path):
        Path(path).write_bytes(b"half")
        raise RuntimeError(
            "Can't close file (time = Wed\n, error message = 'No space left on device'"
        )

    monkeypatch.setattr(network, "save_weights", save)
    if not late:
        room = shutil.disk_usage(tmp_path)._replace(free=10_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda place: room)
    with pytest.raises(FileError, match="No space left on device; free some space") as said:
        folder.save_last(network, RunProgress(epoch=1), None)
    assert "\n" not in str(said.value) and not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_loss_that_is_no_number_stops_and_keeps_its_batch(
    recipe: Recipe, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(truth, alphas, weights):
        return 0.0 * weights[:, 0, 0] / 0.0 + 0 * alphas[:, 0, 0]

    monkeypatch.setitem(sys.modules["figureground.training.loss_terms"].TERMS, "bce", nothing)
    with pytest.raises(RunError, match=r"no number at step 1 of epoch 1.*nan-batch\.npz"):
        train(replace(recipe, gradient_accumulation_steps=1), tmp_path)
    batch = np.load(tmp_path / "nan-batch.npz")
    assert batch["images"].shape == (4, 32, 32, 3) and batch["truth"].shape == (4, 32, 32, 1)


@pytest.mark.parametrize("left", [b"", b"\x89HDF\r\n\x1a\n\0\0"])
def test_a_damaged_state_is_one_line_that_says_what_to_do(
    recipe: Recipe, tmp_path: Path, left: bytes, capsys: pytest.CaptureFixture
) -> None:
    run = tmp_path / "run"
    save_recipe(recipe, run / "recipe.toml")
    (run / "last.weights.h5").write_bytes(left)
    assert main(["train", str(run / "recipe.toml"), "--output", str(run), "-q"]) == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "last.weights.h5' is damaged" in line and "delete that file to begin" in line


def test_a_start_that_is_not_there_is_told_before_anything_is_read(
    recipe: Recipe, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"there is no .*no-run.*a preset that ships"):
        train(replace(recipe, init=str(tmp_path / "no-run")), tmp_path / "run")
    save_recipe(recipe, tmp_path / "begun" / "recipe.toml")
    with pytest.raises(RunError, match=r"cannot start from .*begun.*a finished epoch"):
        train(replace(recipe, init=str(tmp_path / "begun")), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_run_that_never_took_a_step_locks_nothing(
    recipe: Recipe, people: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    few = replace(recipe, epochs=1, frozen_epochs=0)
    with pytest.raises(DataError, match=r"cannot fill one batch of 99; give --batch-size \d+"):
        train(replace(few, batch_size=99), tmp_path)
    with pytest.MonkeyPatch.context() as patch:  # stopped after all was read
        patch.setattr("figureground.training.train._run", interrupted)
        begin(few, tmp_path)
    shutil.copytree(people, tmp_path / "mine")
    events: list[dict] = []
    train(replace(few, data=(str(tmp_path / "mine"),)), tmp_path, tell=events.append)
    (start,) = (event for event in events if event["event"] == "start")
    assert start["again"] and (start["epoch"], start["step"]) == (0, 0)
    Teller()(start)
    assert "the run that began here kept nothing; it begins again" in capsys.readouterr().err
    assert load_recipe(tmp_path / "recipe.toml").data == (str(tmp_path / "mine"),)


@pytest.mark.slow
def test_a_run_that_has_ended_takes_more_epochs_and_says_what_its_rate_does(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    short = replace(recipe, epochs=1, frozen_epochs=0, schedule="cosine")
    train(short, tmp_path)
    events: list[dict] = []
    train(replace(short, epochs=3), tmp_path, tell=events.append)
    rows = RunDir(tmp_path).rows()
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    (told,) = (event for event in events if event["event"] == "extended")
    done = (2 - 1) / (6 - 1)  # of the cosine, after one batch of warm-up; two batches an epoch
    assert told["learning_rate"] == pytest.approx(0.01 * (1 + np.cos(np.pi * done)))
    rates = [float(row["learning_rate"]) for row in rows]
    assert rates[0] == 0 < rates[2] + 1e-9 and rates[1] > 0
    Teller()(told)
    assert "which had fallen to 0, goes on at 0.018" in capsys.readouterr().err
    with pytest.raises(RecipeError, match="another recipe"):
        train(short, tmp_path)


def test_two_trainings_do_not_share_a_folder(recipe: Recipe, tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(FileError, match="in use by another job of this process"):
        train(recipe, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_need_not_wait_where_nothing_would_be_lost() -> None:
    with Interrupt() as stop:
        stop.unsaved = False
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(("steps", "used"), [(1, 0.8), (8, 32 / 33), (100, 0.99)])
def test_the_mean_of_weights_of_a_short_run_follows_faster(
    recipe: Recipe, steps: int, used: float
) -> None:
    long = replace(recipe, ema_momentum=0.99, epochs=20, gradient_accumulation_steps=1)
    momentum = ema_momentum(long, steps)
    assert momentum == pytest.approx(used)
    assert momentum ** (20 * steps) < 0.012  # what is left of the weights it began with


@pytest.mark.slow
def test_a_finished_run_is_not_run_again(finished: tuple, recipe: Recipe) -> None:
    out, _ = finished
    before = (out / "last.weights.h5").read_bytes()
    events: list[dict] = []
    train(recipe, out, tell=events.append)
    kinds = [event["event"] for event in events if event["event"] not in ("progress", "phase")]
    assert kinds == ["start", "end"]
    assert (out / "last.weights.h5").read_bytes() == before


def test_epochs_without_gain_are_counted_from_the_best() -> None:
    assert epochs_without_gain([]) == 0
    assert epochs_without_gain([3, 2, 2, 4]) == 2
    assert epochs_without_gain([3, 2, 1]) == 0


def test_the_rate_falls_after_every_plateau() -> None:
    assert plateau_share([5, 4, 4, 4], 3, 0.1) == 1
    assert plateau_share([5, 4, 4, 4, 4], 3, 0.1) == pytest.approx(0.1)
    assert plateau_share([5, 4, *[4] * 6], 3, 0.1) == pytest.approx(0.01)
    assert plateau_share([5, 4, 4, 4, 3, 3, 3], 3, 0.1) == 1
    assert plateau_share([5, 5, 5, 5], 0, 0.1) == 1


def test_the_rate_warms_up_and_falls_along_a_cosine(recipe: Recipe) -> None:
    cosine = replace(
        recipe,
        schedule="cosine",
        warmup=1,
        epochs=5,
        learning_rate=1.0,
        gradient_accumulation_steps=1,
    )
    rate = Rate(cosine, steps=10, first=0)
    assert [float(rate(step)) for step in (0, 5, 10, 30, 50)] == pytest.approx(
        [0, 0.5, 1, 0.5, 0], abs=1e-3
    )
    later = Rate(cosine, steps=10, first=2)
    assert float(later(10)) == pytest.approx(float(rate(30)))


def test_gathered_gradients_do_not_hurry_the_rate(recipe: Recipe) -> None:
    cosine = replace(
        recipe,
        schedule="cosine",
        warmup=0,
        epochs=4,
        learning_rate=1.0,
        gradient_accumulation_steps=2,
    )
    network = build_network(TINY)
    compile_network(network, cosine, 2)
    rates = []
    for _ in range(4 * 2):
        rates.append(float(network.optimizer.learning_rate))
        network.train_on_batch(np.ones((2, 32, 32, 3)), np.ones((2, 32, 32, 1)))
    done = np.array([0, 0, 1, 2, 3, 4, 5, 6]) / 7  # the first batch is the shortest warm-up
    assert rates == pytest.approx(0.5 * (1 + np.cos(np.pi * done)), abs=1e-5)


def test_the_rate_never_falls_below_the_lowest(recipe: Recipe) -> None:
    rate = Rate(replace(recipe, learning_rate=1.0, min_learning_rate=0.2), steps=1, first=0)
    rate.share.assign(0.01)
    assert float(rate(5)) == pytest.approx(0.2)


def test_the_encoder_learns_at_its_share_of_the_rate(recipe: Recipe) -> None:
    network = build_network(TINY)
    compile_network(
        network,
        replace(recipe, encoder_lr_scale=0.0, gradient_accumulation_steps=1, optimizer="adam"),
        1,
    )
    before = {variable.path: variable.numpy() for variable in network.trainable_variables}
    network.train_on_batch(np.ones((2, 32, 32, 3)), np.ones((2, 32, 32, 1)))
    moved = {v.path: np.abs(v.numpy() - before[v.path]).max() for v in network.trainable_variables}
    assert all(change == 0 for path, change in moved.items() if path.startswith("stem"))
    assert max(change for path, change in moved.items() if path.startswith("bridge")) > 1e-3


def test_the_first_layers_learn_slowest(recipe: Recipe) -> None:
    network = build_network(TINY)
    slower = replace(
        recipe,
        encoder_lr_scale=0.5,
        first_layer_lr_scale=0.008,
        gradient_accumulation_steps=1,
        optimizer="adam",
    )
    compile_network(network, slower, 1)
    optimizer = network.optimizer
    shares = [
        optimizer.shares[optimizer._var_key(network.get_layer(f"stem{step}").kernel)]
        for step in range(4)
    ]
    assert shares == pytest.approx([0.004, 0.02, 0.1, 0.5])


def test_averages_are_lent_and_given_back(recipe: Recipe) -> None:
    network = build_network(TINY)
    compile_network(network, replace(recipe, ema_momentum=0.9, gradient_accumulation_steps=1), 1)
    for _ in range(3):
        network.train_on_batch(np.ones((2, 32, 32, 3)), np.ones((2, 32, 32, 1)))
    own = [variable.numpy() for variable in network.trainable_variables]
    means = [variable.numpy() + 1 for variable in statistics(network)]
    assert means
    with averaged(network, means):
        lent = [variable.numpy() for variable in network.trainable_variables]
        for variable, mean in zip(statistics(network), means, strict=True):
            np.testing.assert_array_equal(variable.numpy(), mean)
    assert max(np.abs(a - b).max() for a, b in zip(own, lent, strict=True)) > 1e-3
    for variable, value in zip(network.trainable_variables, own, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_learns_and_keeps_whole_weights(recipe: Recipe, precision: str) -> None:
    network = start_network(replace(recipe, precision=precision))
    compile_network(network, replace(recipe, precision=precision, gradient_accumulation_steps=1), 1)
    images = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    before = network.get_layer("bridge_mix_conv").get_weights()[0]
    for _ in range(20):  # float16 finds the scale of its gradients by overflowing
        loss = network.train_on_batch(images, np.ones((2, 32, 32, 1)))[0]
    assert np.isfinite(loss)
    assert network.get_layer("bridge_mix_conv").compute_dtype == precision
    after = network.get_layer("bridge_mix_conv").get_weights()[0]
    assert after.dtype == np.float32 and np.abs(after - before).max() > 0
    assert network(images).dtype == "float32"


@pytest.mark.slow
def test_a_whole_run_in_float16_ends_on_a_processor_too(recipe: Recipe, tmp_path: Path) -> None:
    train(replace(recipe, precision="float16", epochs=2), tmp_path)
    assert len(metrics(tmp_path)) == 2
