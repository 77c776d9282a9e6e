"""Do what the Keras tutorial on person segmentation does, and write what it writes.

The folder is laid out as in its article: images to try in `test/images`, results of training in
`files`, and the data, `images/NAME.jpg` and `masks/NAME.png`, wherever --data says.

    figureground tutorial --data people_segmentation

| the article's script | here | written |
|---|---|---|
| train.py | the recipe `tutorial` with the article's own network | files/model.h5, files/data.csv |
| predict.py | every image of test/images beside its person | test/masks/NAME.png |

`files/model.h5` is the article's network, BGR in 0..1, which its predict.py opens with TensorFlow
2.4 up to Keras 3. The run's own folder is files/run: stopped, the same command goes on.
"""

import argparse
import csv
import io
from pathlib import Path

import numpy as np
from PIL import Image

from figureground.cli.silence import loading, working
from figureground.cli.train_lines import Teller
from figureground.counts import counted
from figureground.errors import DataError
from figureground.jobs.remover import Remover
from figureground.media.atomic import atomic
from figureground.media.images import read_image

LINE, GREY = 10, 128  # columns and level of what stands between an image and its person
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="FOLDER",
        help="where test/images is and files/ comes to be (default: here)",
    )  # fmt: skip
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="images/ and masks/ (default people_segmentation)"
    )
    parser.add_argument("--epochs", type=int, metavar="N", help="at most (default 100)")
    parser.add_argument("--batch-size", type=int, metavar="N", help="default 4")
    parser.add_argument("--image-size", type=int, metavar="PIXELS", help="default 512")
    parser.add_argument("--backbone-weights", metavar="PATH|imagenet|none", help="default imagenet")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing")


def run(arguments: argparse.Namespace) -> int:
    """Train, then predict."""
    files, tests = arguments.folder / "files", arguments.folder / "test"
    with loading("training a network"):
        from figureground.training.checkpoints import load_trained
        from figureground.training.export_keras import export_keras
        from figureground.training.recipe_file import make_recipe
        from figureground.training.train import train
    names = ("epochs", "batch_size", "image_size", "backbone_weights")
    asked = {
        name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None
    }
    data = arguments.data or arguments.folder / "people_segmentation"
    recipe = make_recipe("tutorial", {"data": (str(data),), "preset": "tutorial", **asked}, [])
    train(recipe, files / "run", tell=(lambda event: None) if arguments.quiet else Teller())
    with working():
        network, preset = load_trained(str(files / "run"))
        export_keras(network, preset, files / "model.h5", size=recipe.image_size)
    write_log(files / "run" / "metrics.csv", files / "data.csv")
    count = predict(files / "model.h5", tests)
    if not arguments.quiet:
        print(
            f"{files / 'model.h5'}, {files / 'data.csv'}; {counted(count, 'images')} in {tests / 'masks'}"
        )
    return 0


def write_log(metrics: Path, path: Path) -> None:
    """A run's metrics in the columns of the article's CSVLogger; epochs count from 0."""
    with metrics.open(newline="") as file:
        rows = list(csv.DictReader(file))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("epoch", "loss", "lr", "val_loss"))
    for row in rows:
        table.writerow((int(row["epoch"]) - 1, row["loss"], row["learning_rate"], row["val_loss"]))
    with atomic(path) as part:
        part.write_text(text.getvalue())


def predict(model: Path, tests: Path) -> int:
    """Write `masks/NAME.png` for each image of `images`; returns how many there are.

    Raises:
        DataError: two images share a name, so that one's result would replace the other's.
    """
    images = sorted(p for p in tests.glob("images/*") if p.suffix.lower() in ENDINGS)
    twins = {p.stem for p in images if sum(other.stem == p.stem for other in images) > 1}
    if twins:
        raise DataError(f"several images of {str(tests / 'images')!r} are named {min(twins)!r}")
    if not images:
        return 0
    remover = Remover(model, raw=True)
    (tests / "masks").mkdir(exist_ok=True)
    for path in images:
        rgb = read_image(path).rgb
        levels = rgb if rgb.dtype == np.uint8 else (rgb // 257).astype(np.uint8)
        image = Image.fromarray(side_by_side(levels, remover.alpha(path)))
        with atomic(tests / "masks" / f"{path.stem}.png") as part:
            image.save(part, format="PNG")
    return len(images)


def side_by_side(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """An image, a grey line, and the image times its matte, uint8 (H, 2 W + 10, 3)."""
    line = np.full((rgb.shape[0], LINE, 3), GREY, np.uint8)
    person = np.rint(rgb * alpha[..., None]).astype(np.uint8)
    return np.concatenate([rgb, line, person], axis=1)
