"""Speed and memory of `figureground remove` on a video, beside what no tool can avoid.

    python benchmarks/video.py
    python benchmarks/video.py --brief --frames 480 --runs 5

Makes a clip of an image that drifts, with a tone, 1280 by 720, and prints frames a second,
processor time and peak memory of three whole processes, one after the other on the same machine:
the clip only decoded and encoded again with PyAV, without the tone; `figureground remove` to H.264
over green, with it; and the loop that tutorials show, OpenCV reading and writing (no sound, MPEG-4)
around `figureground.Remover`. With --runs they take turns so often, and medians are printed, of the
time beside the first process's of the same turn too.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

import av
import cv2
import numpy as np
from whole_process import measure_process

from figureground.models.shipped import VIDEO_MODEL

EXAMPLE = Path(__file__).parent.parent / "examples" / "astronaut.jpg"
TRANSCODE = """
import sys, av
with av.open(sys.argv[1]) as source, av.open(sys.argv[2], "w") as target:
    film = source.streams.video[0]
    film.thread_type = "AUTO"
    options = {"crf": "18", "preset": "veryfast"}
    stream = target.add_stream("libx264", rate=film.average_rate, options=options)
    stream.height, stream.width = film.height, film.width
    for frame in source.decode(film):
        target.mux(stream.encode(frame))
    target.mux(stream.encode(None))
"""
LOOP = """
import sys, cv2
from figureground import Remover
remover, film = Remover(), cv2.VideoCapture(sys.argv[1])
size = int(film.get(3)), int(film.get(4))
target = cv2.VideoWriter(sys.argv[2], cv2.VideoWriter_fourcc(*"mp4v"), film.get(5), size)
while True:
    there, frame = film.read()
    if not there:
        break
    target.write(remover.remove(frame[..., ::-1].copy()).composite((0, 177, 64))[..., ::-1].copy())
target.release()
"""


def make_clip(path: str, frames: int, size: tuple[int, int], *, pace: float = 1) -> None:
    """The example image drifts, 30 frames a second, to a tone; size: rows and columns.

    pace: how fast; from 5 on the network sees every frame.
    """
    rows, columns = size
    wide = cv2.resize(cv2.imread(str(EXAMPLE)), (columns, columns))
    with av.open(path, "w") as video:
        stream = video.add_stream("libx264", rate=30, options={"preset": "veryfast"})
        stream.height, stream.width, stream.pix_fmt = rows, columns, "yuv420p"
        sound = video.add_stream("aac", rate=48_000, layout="mono")
        for number in range(frames):
            across = columns / 16 * np.sin(number * pace / 20)
            down = (columns - rows) / 2 - columns / 40 * np.cos(number * pace / 15)
            move = np.array([[1, 0, across], [0, 1, -down]], np.float32)
            shown = cv2.warpAffine(wide, move, (columns, rows), borderMode=cv2.BORDER_REPLICATE)
            video.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="bgr24")))
            tone = np.sin(np.arange(1600, dtype=np.float32)[None] / 20) / 4
            samples = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            samples.sample_rate, samples.pts = 48_000, number * 1600
            video.mux(sound.encode(samples))
        for coded in (stream, sound):
            video.mux(coded.encode(None))


def measure_memory(arguments: argparse.Namespace) -> None:
    """Print the peak for longer and longer clips: it has to stay flat."""
    with tempfile.TemporaryDirectory() as folder:
        for frames in (arguments.frames, 2 * arguments.frames, 4 * arguments.frames):
            clip, result = f"{folder}/clip.mp4", f"{folder}/result.mp4"
            make_clip(clip, frames, (arguments.rows, arguments.rows * 16 // 9))
            remove = [sys.executable, "-m", "figureground", "remove", clip, "-o", result]
            cost, _ = measure_process([*remove, "--model", arguments.model])
            print(f"{frames:6} frames {cost.megabytes:6.0f} MB", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--model", default=VIDEO_MODEL)
    parser.add_argument("--rows", type=int, default=720, help="720 or 1080, say; 16 : 9")
    parser.add_argument("--runs", type=int, default=1, help="of each, in turn")
    parser.add_argument("--brief", action="store_true", help="without the OpenCV loop")
    parser.add_argument(
        "--memory", action="store_true", help="peaks for clips of 1, 2 and 4 times so many frames"
    )
    arguments = parser.parse_args()
    if arguments.memory:
        measure_memory(arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        clip, result = f"{folder}/clip.mp4", f"{folder}/result.mp4"
        size = arguments.rows, arguments.rows * 16 // 9
        make_clip(clip, arguments.frames, size)
        remove = [sys.executable, "-m", "figureground", "remove", clip, "-o", result]
        commands = [
            ("decode, encode", [sys.executable, "-c", TRANSCODE, clip, result]),
            ("figureground remove", [*remove, "--model", arguments.model]),
            ("OpenCV loop", [sys.executable, "-c", LOOP, clip, result]),
        ]
        if arguments.brief:
            commands.pop()
        turns = [
            [measure_process(command)[0] for _, command in commands] for _ in range(arguments.runs)
        ]
        for number, (name, _) in enumerate(commands):
            seconds, worked, megabytes = (
                median(turn[number][kind] for turn in turns) for kind in range(3)
            )
            times = median(turn[number][0] / turn[0][0] for turn in turns)
            speed, each = arguments.frames / seconds, worked / arguments.frames * 1000
            print(
                f"{name:20} {speed:6.1f} frames/s {each:6.1f} ms of CPU a frame "
                f"{megabytes:6.0f} MB {times:6.2f} times the first"
            )


if __name__ == "__main__":
    main()
