"""What `figureground remove` is to do, from what was said."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from figureground.errors import UsageError
from figureground.jobs.backgrounds import read_background
from figureground.jobs.journal import NAME, Journal, stamp
from figureground.jobs.kinds import OUTPUTS, TRANSPARENT, parse_kinds
from figureground.jobs.style import Style
from figureground.media.encode import check_format
from figureground.media.formats import writer_of
from figureground.media.naming import Task, check_targets, plan
from figureground.media.paths import find_pictures, read_list
from figureground.media.remote import is_remote


def leave_clear(arguments: argparse.Namespace) -> None:
    """Take `--background transparent` as what it asks for: a cutout, with nothing behind it."""
    if arguments.background != "transparent":
        return
    arguments.background, arguments.kind = None, arguments.kind or "cutout"
    if "composite" in arguments.kind.split(","):
        raise UsageError("a composite has a background; a cutout is what is left transparent")


def style_from(arguments: argparse.Namespace) -> Style:
    """Return what results shall look like. Raises FiguregroundError where that makes no sense."""
    fit, flip = arguments.background_fit, arguments.flip_background
    background = read_background(arguments.background or "white", fit=fit, flip=flip)
    return Style(
        background=background,
        feather=arguments.feather,
        grow=arguments.grow,
        threshold=arguments.threshold,
        min_area=arguments.min_area,
        largest=arguments.largest,
        shadow=arguments.shadow,
        crop=arguments.crop,
        canvas=arguments.canvas,
        aspect=arguments.aspect,
        size=arguments.size,
        fit=arguments.fit,
    )


def wanted_kinds(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The kinds of output that are asked for."""
    default = "cutout" if arguments.background is None else "composite"
    return parse_kinds(arguments.kind or default)


def plan_tasks(arguments: argparse.Namespace) -> list[Task]:
    """Return what to do, from what was said. Raises FiguregroundError before anything is begun."""
    kinds = wanted_kinds(arguments)
    suffixes = {kind: f".{arguments.format}" for kind in kinds}
    listed = [] if arguments.list is None else read_list(arguments.list)
    if not arguments.inputs and not listed:
        raise UsageError("give a picture or a folder, or a --list of them")
    to_file = goes_to_file(arguments, [*arguments.inputs, *listed])
    for kind in kinds:
        target = arguments.output if to_file else Path(f"NAME.{kind}.{arguments.format}")
        check_format(target, alpha=kind in TRANSPARENT, lossless=arguments.lossless)
    pictures = find_pictures(
        [*arguments.inputs, *listed], kinds=OUTPUTS, below=arguments.below, filling=arguments.watch
    )
    kept = [Path(arguments.background)] if arguments.background else []
    if not to_file:
        return plan(pictures, out=arguments.output, suffixes=suffixes, kept=kept)
    if len(pictures) * len(kinds) > 1:
        raise UsageError(
            f"{len(pictures) * len(kinds)} results do not fit into the one file "
            f"{str(arguments.output)!r}; give a folder, without an ending"
        )
    tasks = [Task(source=pictures[0].path, targets={kinds[0]: arguments.output})]
    check_targets(tasks, kept)
    return tasks


def goes_to_file(arguments: argparse.Namespace, inputs: Sequence[Path]) -> bool:
    """Return whether -o names one file: by an ending, which of a folder's results has to be a format's."""
    if arguments.output is None or arguments.output_folder:
        return False
    ending = arguments.output.suffix.lower()
    alone = len(inputs) == 1 and not os.path.isdir(inputs[0])
    return writer_of(arguments.output) is not None or bool(ending and alone)


def find_journal(
    out: Path | None, tasks: Sequence[Task], *, several: bool, settings: str
) -> Journal | None:
    """The journal of these results, if it is worth one.

    One file beside its picture, or of a name that was given, is not, unless there is one already.

    Args:
        out: what -o says. Where it is the folder for all results the journal lies in it, whatever
            sub-folders are worked on, else in what the results' folders have in common.
        tasks: what is to be made. Places that are far away, or on several drives, have no journal.
        several: whether there is more than one of them.
        settings: see `Journal`.
    """
    targets = [target for task in tasks for target in task.targets.values()]
    if any(map(is_remote, targets)):
        return None
    if out is None or out in targets:
        try:
            out = Path(os.path.commonpath([target.parent.resolve() for target in targets]))
        except ValueError:  # on several drives
            return None
        if not several and stamp(out / NAME) is None:
            return None
    return Journal(out / NAME, settings=settings)
