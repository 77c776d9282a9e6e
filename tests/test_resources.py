"""What is freed stays with a process that works on images."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from videos import make_video

from figureground.cli import main, remove
from figureground.resources import keep_freed_memory

FAULTS = """
import resource, sys
import numpy as np
from figureground.resources import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(40 << 17)  # 40 MB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a switch of glibc")
def test_an_array_is_made_of_the_one_before() -> None:
    def pages(word: str) -> int:
        command = [sys.executable, "-c", FAULTS, word]
        # Huge pages come and go; of small ones there are as many each time.
        small = {**os.environ, "NUMPY_MADVISE_HUGEPAGE": "0"}
        return int(subprocess.run(command, env=small, capture_output=True, check=True).stdout)

    assert pages("keep") < 100 < pages("leave")


def test_a_system_without_the_switch_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: None) -> object:
        return object()  # which has no mallopt

    monkeypatch.setattr("ctypes.CDLL", missing)
    keep_freed_memory()


def test_images_keep_it_and_videos_do_not(
    tmp_path: Path, astronaut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = list[str]()
    monkeypatch.setattr(remove, "keep_freed_memory", lambda: kept.append("images"))
    make_video(tmp_path / "clip.mp4", times=[0, 1])
    assert main(["remove", str(tmp_path / "clip.mp4"), "-o", str(tmp_path / "green.mp4")]) == 0
    assert kept == []
    assert main(["remove", str(astronaut), "-o", str(tmp_path / "person.png")]) == 0
    assert kept == ["images"]
