"""Compare two networks on the same images with masks.

Printed is how much more B has of each measure than A, image by image, with 95 % confidence
intervals of the paired differences: one that leaves out 0 is a difference that other such images
would show too. `figureground evaluate --help` names the measures.
"""

import argparse

from figureground.cli.measurement import (
    add_measuring,
    find_all,
    measure,
    only_measured,
    open_networks,
    print_json,
    print_means,
    write_report,
)
from figureground.counts import counted
from figureground.errors import UsageError
from figureground.evaluation.evaluate import compare
from figureground.evaluation.report import Result
from figureground.resources import limited_to


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument("before", metavar="A", help="network: preset, file or run's folder")
    parser.add_argument("after", metavar="B", help="the other one")
    add_measuring(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure both on each folder and print the differences; 1 where some could not be read."""
    with limited_to(arguments.max_memory):
        return _compare(arguments)


def _compare(arguments: argparse.Namespace) -> int:
    before, after = names = (arguments.before, arguments.after)
    if before == after:
        raise UsageError(f"{before!r} is compared with itself; name two networks")
    found = find_all(arguments.data)
    networks = [open_networks(name) for name in names]
    old = measure(networks[0], found, band=arguments.band, quiet=arguments.quiet)
    data = only_measured(found, old)  # what one could not read, the other need not try
    new = measure(networks[1], data, band=arguments.band, quiet=arguments.quiet)
    gains = {folder: compare(old[folder], new[folder]) for folder in data}
    if arguments.json:
        print_json(gains)
    else:
        for folder, pairs in data.items():
            heading = f"{folder}: {counted(len(pairs), 'images')}, {after} minus {before}"
            print_means(heading, gains[folder], sign="+")
    if arguments.report is not None:
        results = [
            Result(
                name=name, rows=[row for rows in part.values() for row in rows], alpha_of=network[0]
            )
            for name, part, network in zip(names, (old, new), networks, strict=True)
        ]
        write_report(arguments, results, data, title=f"{after} against {before}")
    return int(sum(map(len, data.values())) < sum(map(len, found.values())))
