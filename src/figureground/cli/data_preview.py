"""Draw what a network will see in training: images as they are, then augmented.

Every second view lays the people over magenta. RECIPE and --set say how samples are made, as
in `figureground train`; the sheet is the same each time until the recipe's seed changes. Look
before a long run: are masks where people are, are pasted people plausible?

    figureground data preview lite --data people -o sheet.png
"""

import argparse
import json
from pathlib import Path

from figureground.cli.measurement import count
from figureground.cli.silence import loading
from figureground.media.encode import write_image
from figureground.media.formats import check_format


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this tool takes."""
    parser.add_argument(
        "recipe", nargs="?", metavar="RECIPE",
        help="how to train: fine-tune, lite, tutorial (which ship), or a TOML file of yours",
    )  # fmt: skip
    parser.add_argument(
        "--data", action="append", metavar="DIR|MANIFEST", help="the data set; may be repeated"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE.png", help="where the sheet goes"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE",
        help="any setting of a recipe, as copy_paste=0.5; may be repeated",
    )  # fmt: skip
    parser.add_argument("--images", type=count, default=8, metavar="N", help="rows (default 8)")
    parser.add_argument(
        "--views", type=count, default=4, metavar="N", help="samples of each (default 4)"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print nothing")
    output.add_argument("--json", action="store_true", help="print file and size as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Draw the sheet."""
    check_format(arguments.output, alpha=False)
    with loading("previewing what a network sees"):
        from figureground.training.preview import draw_preview
        from figureground.training.recipe_file import make_recipe
    given = {"data": tuple(arguments.data)} if arguments.data else {}
    recipe = make_recipe(arguments.recipe, given, arguments.set)
    sheet = draw_preview(recipe, count=arguments.images, views=arguments.views)
    write_image(sheet, arguments.output)
    if arguments.json:
        rows, columns = sheet.shape[:2]
        print(json.dumps({"file": str(arguments.output), "rows": rows, "columns": columns}))
    elif not arguments.quiet:
        print(arguments.output)
    return 0
