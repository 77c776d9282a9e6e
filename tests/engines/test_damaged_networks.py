"""Damaged networks of every format: each gives a matte, is refused in a line, or dies in its trial.

They are loaded in processes of their own, without the trial that goes before; for those that end
their process it is made, and has to refuse them.
"""

import json
import os
import random
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).parent.parent))  # as pytest does, when run as a script
from damaged import complaint_of, limit_memory, mutate, run_apart, tell
from foreign import foreign

from figureground.engines import engine_of, open_engine, trial
from figureground.errors import ModelError

FEW, MANY = 10, 300
AT_ONCE = 50  # that one process takes, so that what TensorFlow keeps of each does not add up
MATTE = "a matte"
SECONDS = 60  # that one may take
NATIVE = ".tflite", ".onnx"
# Of files that Keras saved, by their names among the tutorial's.
SAVED = {
    ".h5": "keras3/model.h5",
    ".folder": "keras3/saved_model",
    "-of-keras-2.h5": "keras2/model.h5",
    "-of-keras-2.keras": "keras2/model.keras",
    "-of-keras-2.folder": "keras2/saved_model",
    "-weights.h5": "keras2/model.weights.h5",
}
KINDS = (*NATIVE, ".keras", *SAVED)


def save_onnx(path: Path) -> Path:
    """A network of one node."""
    shape = [1, 16, 16, 3]
    graph = helper.make_graph(
        [helper.make_node("Sigmoid", ["image"], ["alphas"])],
        "g",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("alphas", TensorProto.FLOAT, shape)],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
    return path


def save_keras(path: Path) -> Path:
    """A network of two layers, as Keras saves it."""
    import keras

    image = keras.Input((32, 32, 3), name="image")
    alphas = keras.layers.Conv2D(4, 3, padding="same", activation="sigmoid")(image)
    keras.Model(image, alphas).save(path)
    return path


def run_it(path: Path) -> str | None:
    """Load and run a network; returns what is wrong with how it fails, MATTE where it does not."""
    try:
        engine = open_engine(path)
        engine(np.full((*engine.size, 3), 0.5, np.float32))
        engine.resized((engine.size[0] // 2, engine.size[1] // 2))
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        error.args = (str(error).replace(str(path), path.name),)
        return complaint_of(error)
    return MATTE


def begin(folder: Path, sound: Path, first: int, count: int) -> tuple[int, int]:
    """Fork a process that loads damaged copies, from one number on, until one ends it.

    Loading TensorFlow's own state costs a second, which so is paid once for many. Returns its id, and
    where it tells of each what is wrong, a line of JSON.
    """
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        return child, reading
    limit_memory(16)
    for number in range(first, min(count, first + AT_ONCE)):
        path = folder / f"{number}{sound.suffix}"
        damage(sound, path, number)
        os.write(writing, f"{json.dumps(run_it(path))}\n".encode())
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    os._exit(0)


def lines_of(reading: int) -> Iterator[str | None]:
    """What a process tells, line by line; None, as the last, if it takes too long for one."""
    text = b""
    while True:
        if not select.select([reading], [], [], SECONDS)[0]:
            yield None
            return
        if not (data := os.read(reading, 100_000)):
            return
        *lines, text = (text + data).split(b"\n")
        yield from map(bytes.decode, lines)


def damage(sound: Path, path: Path, number: int) -> None:
    """Make a damaged copy of a network; of a folder one of its files."""
    chance = random.Random(number)
    if sound.is_dir():
        shutil.copytree(sound, path)
        sound = chance.choice(sorted(part for part in path.rglob("*") if part.is_file()))
        path = sound
    path.write_bytes(mutate(sound.read_bytes(), chance))


def try_all(folder: Path, sound: Path, count: int) -> dict:
    """Load every damaged copy, and tell what is not as it should be."""
    found, died = list[str | None](), 0
    __import__(engine_of(sound))  # once, before all forks
    check, trial.check_network = trial.check_network, lambda path: None
    began = time.monotonic()
    while (first := len(found)) < count:
        child, reading = begin(folder, sound, first, count)
        for line in lines_of(reading):
            found.append(f"took more than {SECONDS} s" if line is None else json.loads(line))
            tell(str(len(found)))
            if line is None:
                os.kill(child, signal.SIGKILL)
        os.close(reading)
        _, status = os.waitpid(child, 0)
        hung = found[first:] and found[-1] == f"took more than {SECONDS} s"
        if not hung and len(found) < min(count, first + AT_ONCE):
            died += 1
            found.append(verdict(check, folder / f"{len(found)}{sound.suffix}", status))
    trial.check_network = check
    complaints = [f"{n}{sound.suffix}: {wrong}" for n, wrong in enumerate(found)
                  if wrong and wrong != MATTE]  # fmt: skip
    seconds = time.monotonic() - began
    mattes = found.count(MATTE)
    return {"complaints": complaints, "died": died, "mattes": mattes, "seconds": seconds}


def verdict(check: Callable[[Path], None], path: Path, status: int) -> str | None:
    """What is wrong with how a network's trial went that ends the process that loads it."""
    try:
        check(path)
    except ModelError as error:
        return complaint_of(error)
    return f"ended its process with status {status}, and passed its trial"


def make(folder: Path, kind: str, tutorial_files: Path) -> None:
    """Put a sound network of a kind into a folder."""
    sound = folder / f"sound{kind}"
    if kind == ".onnx":
        save_onnx(sound)
    elif kind == ".tflite":
        foreign(sound)  # with a hash, all damage would be told by that
    elif kind == ".keras":
        save_keras(sound)
    else:
        saved = tutorial_files / SAVED[kind]
        shutil.copytree(saved, sound) if saved.is_dir() else shutil.copyfile(saved, sound)


def check(folder: Path, kinds: tuple[str, ...], count: int, tutorial_files: Path) -> None:
    """See that nothing is wrong with so many copies of networks."""
    for kind in kinds:
        make(folder, kind, tutorial_files)
    numbers = [KINDS.index(kind) for kind in kinds]
    patience = 300 + 6 * count * len(kinds)
    for kind, told in run_apart(__file__, folder, count, *numbers, timeout=patience).items():
        assert not told["complaints"], kind
        assert 0 < told["mattes"] < count, kind  # some survive, some do not


def test_a_damaged_network_gives_a_matte_or_is_refused(
    tmp_path: Path, tutorial_files: Path
) -> None:
    check(tmp_path, NATIVE, FEW, tutorial_files)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_three_hundred_damaged_networks_of_each_format(
    tmp_path: Path, kind: str, tutorial_files: Path
) -> None:
    check(tmp_path, (kind,), MANY, tutorial_files)


if __name__ == "__main__":
    place, many, *chosen = Path(sys.argv[1]), *map(int, sys.argv[2:])
    tell(json.dumps({kind: try_all(place, place / f"sound{kind}", many)
                     for kind in (KINDS[number] for number in chosen)}))  # fmt: skip
