"""List the networks that are there: those that ship, and those that are only to be trained."""

import argparse

from figureground.models.card import read_card
from figureground.models.presets import PRESETS
from figureground.models.shipped import shipped_models


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """This verb takes none."""


def run(arguments: argparse.Namespace) -> int:
    """Print one line a network."""
    shipped = shipped_models()
    for name, path in shipped.items():
        rows, columns = read_card(path).size
        megabytes = path.stat().st_size / 1e6
        print(f"{name:12} {rows}x{columns} pixels, {megabytes:.1f} MB, ready to use")
    for name, preset in PRESETS.items():
        if name not in shipped:
            print(f"{name:12} {preset.size}x{preset.size} pixels, to be trained")
    return 0
