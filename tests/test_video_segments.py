"""Videos that are killed, and go on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from films import SKIN, Redness, frames_of, make_film, packets_of, times_of

from figureground.errors import VideoError
from figureground.jobs.clip import Clip, remove_clip
from figureground.jobs.clip_look import ClipLook
from figureground.media.videos import Part

KILLED = """
import os, signal, sys
from pathlib import Path
from films import Redness
from figureground.jobs.clip import Clip, remove_clip
from figureground.jobs.clip_look import ClipLook
def progress(done, of):
    if done == 6:
        os.kill(os.getpid(), signal.SIGKILL)
film, target = map(Path, sys.argv[1:])
clip = Clip(source=film, target=target, look=ClipLook(), resume="a", segment=2)
remove_clip(clip, Redness(), progress)
"""


def resumed(source: Path, target: Path, stamp: str = "a", **options) -> Clip:
    return Clip(source=source, target=target, look=ClipLook(), resume=stamp, segment=2, **options)


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_a_killed_run_loses_its_last_segment_at_most(tmp_path: Path, name: str) -> None:
    film, target = make_film(tmp_path / "film.mp4"), tmp_path / name
    command = [sys.executable, "-c", KILLED, str(film), str(target)]
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    killed = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": paths})
    assert killed.returncode == -signal.SIGKILL and not target.exists()
    outcome = remove_clip(resumed(film, target), Redness())
    assert outcome.resumed in (4, 6) and outcome.resumed + outcome.frames == 8
    assert {path.name for path in tmp_path.iterdir()} == {"film.mp4", name}
    # Matroska knows no times below nought, where this sound begins: all moves by 21 ms.
    late = times_of(target)[0]
    assert late <= (0.022 if name == "out.mkv" else 0)
    assert [time - late for time in times_of(target)] == pytest.approx(times_of(film), abs=1.1e-3)
    for number, rgb in enumerate(frames_of(target)):
        np.testing.assert_allclose(rgb[24, 20 + 2 * number].astype(int), SKIN, atol=8)
    assert list(packets_of(target, "audio")) == list(packets_of(film, "audio"))
    with av.open(str(target)) as out:
        assert out.metadata["title"] == "a disc"


def test_segments_of_other_settings_are_not_used(tmp_path: Path) -> None:
    film, target = make_film(tmp_path / "film.mp4"), tmp_path / "out.mp4"

    def stop(done: int, of: int | None) -> None:
        if done == 5:
            raise KeyboardInterrupt

    for stamp, again in (("a", 5), ("b", 0)):
        with pytest.raises(KeyboardInterrupt):
            remove_clip(resumed(film, target), Redness(), stop)
        assert remove_clip(resumed(film, target, stamp), Redness()).resumed == again


def test_a_part_is_resumed_too_and_begins_at_nought(tmp_path: Path) -> None:
    film, target = make_film(tmp_path / "film.mp4"), tmp_path / "out.mp4"
    remove_clip(resumed(film, target, part=Part(start=0.08, end=0.2)), Redness())
    assert times_of(target) == pytest.approx([0, 0.04, 0.08], abs=1e-3)


def test_what_is_no_video_is_not_resumed(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4")
    with pytest.raises(VideoError, match="only videos"):
        remove_clip(resumed(film, tmp_path / "frames"), Redness())
