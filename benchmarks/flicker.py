"""How much a video's mattes flicker and how well they fit, frame by frame and held steady.

    python benchmarks/flicker.py DIR
    python benchmarks/flicker.py DIR --scenes SCENES --pace 1
    python benchmarks/flicker.py DIR --model lite
    python benchmarks/flicker.py CLIP.mp4 --sheet SHEET.jpg

DIR holds the frames of one video, `images/NAME.jpg`, with `masks/NAME.png`, in the order of their
names. With --scenes it holds unrelated images instead: of some, the person is cut out and moves
before images of the folder SCENES, with known mattes. Printed are dtSSD (Erofeev et al. 2015,
times 100), the same as RobustVideoMatting's script prints it (the first frame counts as 0), what it
is made of (see `figureground.evaluation.video.followed_dtssd`), and the mean IoU and boundary IoU at
0.5 of the mattes as `figureground remove` makes them, and as `live` does, which knows of no later
frames. Of a clip, whose truth nobody knows, the sheet shows three frames and below each how its
matte differs from that of the frame before, eight times as strong: first frame by frame, then held
steady.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from figureground.arrays import Mask, Rgb
from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import find_pairs
from figureground.engines import Engine, open_engine
from figureground.evaluation.metrics import boundary_iou
from figureground.evaluation.synthetic_video import MotionPath, animate_cutout
from figureground.evaluation.video import dtssd, followed_dtssd, published_dtssd
from figureground.matting.fixed_lag_smoother import estimate_video_alphas
from figureground.matting.resize import resize
from figureground.media.images import read_image
from figureground.media.video_color import work_rgb
from figureground.media.video_reader import Frame, VideoReader
from figureground.models.shipped import VIDEO_MODEL, find_model
from figureground.report.overlap import iou

MEASURES = (
    "dtSSD",
    "dtSSD as RobustVideoMatting counts",
    "flicker",
    "moving",
    "IoU",
    "boundary IoU",
)
AnnotatedVideo = list[tuple[Rgb, Mask]]
WAYS = {
    "frame by frame": {"smooth": False},
    "held steady live": {"live": True},
    "held steady": {},
}


def write_sheet(clip: Path, sheet: Path, engine: Engine) -> None:
    """Frames, and how mattes change from frame to frame, as one image; prints the mean change."""
    with VideoReader(clip) as reader:
        frames = [work_rgb(item.planes, reader.given, reader.size)
                  for item in reader if isinstance(item, Frame)]  # fmt: skip
    shown = [len(frames) * share // 4 for share in (1, 2, 3)]
    rows = [np.hstack([frames[number] for number in shown])]
    for name in ("frame by frame", "held steady"):
        alphas = estimate_video_alphas(frames, engine, **WAYS[name])
        changes = [np.abs(after - before) for before, after in pairwise(alphas)]
        print(f"{name:16} {np.mean(changes) * 255:.3f}")
        grey = np.hstack([changes[number - 1] for number in shown]).clip(0, 1 / 8) * 8 * 255
        rows.append(np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2))
    cv2.imwrite(str(sheet), np.vstack(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])


def read_videos(arguments: argparse.Namespace) -> Iterator[AnnotatedVideo]:
    """The one video of a folder, or those that are made of its images."""
    pairs = find_pairs(arguments.folder)
    if arguments.scenes is None:
        yield [(read_image(pair.image).rgb, read_mask(pair.mask)) for pair in pairs]
        return
    scenes = sorted(arguments.scenes.iterdir())
    for seed in range(arguments.videos):
        pair = pairs[seed * len(pairs) // arguments.videos]
        image = read_image(pair.image).rgb
        mask = resize(read_mask(pair.mask), (image.shape[0], image.shape[1]))
        scene = read_image(scenes[seed * len(scenes) // arguments.videos]).rgb
        path = MotionPath(frames=32, size=(360, 640), seed=seed, pace=arguments.pace)
        yield list(animate_cutout(image, mask, scene, path))


def measure(video: AnnotatedVideo, engine: Engine, way: dict[str, bool]) -> tuple[float, ...]:
    """DtSSD, the same as published scripts count it, its parts, IoU and boundary IoU."""
    alphas = estimate_video_alphas([rgb for rgb, _ in video], engine, **way)
    frames, truths = [rgb for rgb, _ in video], [mask for _, mask in video]
    fit = np.mean([iou(a > 0.5, t > 127) for a, t in zip(alphas, truths, strict=True)])
    edge = np.mean([boundary_iou(a > 0.5, t > 127) for a, t in zip(alphas, truths, strict=True)])
    both = dtssd(alphas, truths), published_dtssd(alphas, truths)
    return (*both, *followed_dtssd(alphas, truths, frames), float(fit), float(edge))


def main() -> None:
    """Print one line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--scenes", type=Path, help="folder of images without people")
    parser.add_argument("--videos", type=int, default=8, help="how many are made")
    parser.add_argument("--pace", type=float, default=1.0, help="how far all of it moves")
    parser.add_argument("--model", default=VIDEO_MODEL)
    parser.add_argument("--json", action="store_true", help="print the means as JSON")
    arguments = parser.parse_args()
    engine = open_engine(find_model(arguments.model))
    if arguments.sheet:
        write_sheet(arguments.folder, arguments.sheet, engine)
        return
    figures: dict[str, list[tuple[float, ...]]] = {name: [] for name in WAYS}
    for video in read_videos(arguments):
        for name, way in WAYS.items():
            figures[name].append(measure(video, engine, way))
    means = {
        name: dict(zip(MEASURES, np.mean(rows, axis=0).tolist(), strict=True))
        for name, rows in figures.items()
    }
    if arguments.json:
        print(json.dumps(means))
        return
    for name, mean in means.items():
        print(f"{name:16}", "  ".join(f"{measure} {mean[measure]:.4f}" for measure in MEASURES))


if __name__ == "__main__":
    main()
