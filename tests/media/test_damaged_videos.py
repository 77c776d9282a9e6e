"""Damaged videos, by dozens and by hundreds: each becomes a video, or is refused in one line."""

import json
import random
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # as pytest does, when run as a script
from corpus_videos import X264, VideoCase, can_encode
from damaged import (
    complaint_of,
    limit_memory,
    mutate,
    run_apart,
    tell,
    used_megabytes,
    watch_for_hanging,
)
from videos import convert

FEW, MANY = 30, 300
MEGABYTES = 1_500  # the process may take
SECONDS = 60.0  # by the clock, that a file may take
VPX = {"deadline": "realtime", "cpu-used": "8", "crf": "20", "b": "1M"}
TARGETS = ("out.mp4", "out.webm", "out.mkv", "out.mov", "out.gif")
TIMES = tuple(range(6))
BASES = [
    VideoCase(name="a.mp4", kind="", times=TIMES, sound="aac", encoder=X264),
    VideoCase(name="b.mov", kind="", times=TIMES, sound="pcm_s16le", turn="90", encoder=X264),
    VideoCase(name="c.mkv", kind="", times=TIMES, sound="libopus", encoder=X264),
    VideoCase(name="d.webm", kind="", times=TIMES, codec="libvpx-vp9", encoder=VPX),
    VideoCase(name="e.avi", kind="", times=TIMES, codec="mpeg4", sound="pcm_s16le"),
    VideoCase(name="f.ts", kind="", times=TIMES, sound="aac", encoder=X264),
    VideoCase(name="g.mpg", kind="", times=TIMES, codec="mpeg2video", format="mpeg"),
    VideoCase(name="h.mov", kind="", times=TIMES, codec="prores_ks", pix_fmt="yuv422p10le"),
    VideoCase(name="i.mp4", kind="", times=TIMES, encoder={**X264, "g": "3"},
              muxer={"movflags": "frag_keyframe+empty_moov"}),
    VideoCase(name="j.mkv", kind="", times=TIMES, codec="libx265", rate=Fraction(30),
              encoder={"preset": "ultrafast", "x265-params": "log-level=error"}),
]  # fmt: skip


def convert_all(folder: Path, first: int, count: int) -> dict:
    """Convert every damaged file, and tell what is not as it should be."""
    bases = [case.make(folder).read_bytes() for case in BASES if can_encode(case)]
    names = [case.name for case in BASES if can_encode(case)]
    complaints, made, longest = [], 0, 0.0
    for number in range(first, first + count):
        chance, which = random.Random(number), number % len(bases)
        name = f"{number}-{names[which]}"
        (folder / name).write_bytes(mutate(bases[which], chance))
        target = folder / f"{number}-{chance.choice(TARGETS)}"
        tell(f"{name} {target.name}")
        watch_for_hanging()
        began = time.monotonic()
        try:
            convert(folder / name, target)
            made += target.stat().st_size > 0
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            wrong = complaint_of(error)
            complaints += [f"{name} to {target.name}: {wrong}"] if wrong else []
            if target.exists():
                complaints.append(f"{name}: left {target.name} behind")
        longest = max(longest, time.monotonic() - began)
        (folder / name).unlink()
        target.unlink(missing_ok=True)
        left = [path.name for path in folder.iterdir() if path.name not in names]
        complaints += [f"{name}: left {left} behind"] if left else []
    used = used_megabytes()
    return {"complaints": complaints, "made": made, "megabytes": used, "longest": longest}


def check(folder: Path, first: int, count: int) -> None:
    """See that nothing is wrong, and that the mutations bite: some survive, some do not."""
    told = run_apart(__file__, folder, first, count, timeout=120 + 20 * count)
    assert not told["complaints"]
    assert told["megabytes"] < MEGABYTES and told["longest"] < SECONDS
    assert count // 10 < told["made"] < count


def test_a_damaged_video_becomes_a_video_or_is_refused_in_one_line(tmp_path: Path) -> None:
    check(tmp_path, 0, FEW)


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, MANY, 50))
def test_hundreds_of_damaged_videos_become_videos_or_are_refused(
    tmp_path: Path, first: int
) -> None:
    check(tmp_path, first, 50)


if __name__ == "__main__":
    limit_memory(8)
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as place:
        tell(json.dumps(convert_all(Path(place), int(sys.argv[2]), int(sys.argv[3]))))
