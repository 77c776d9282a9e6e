"""Tables of figureground beside other tools, from what benchmarks/peers.py measured."""

from statistics import mean
from typing import Any

from recorded import read, table

OURS = "figureground"
COST = "peers-cost"
VIDEO = "peers-video"
SETS = {  # files of results: what they are of
    "peers-ccp": "street fashion",
    "peers-vs": "groups, indoors",
    "peers-portraits": "portraits",
    "peers-coco": "sport, small, dark",
}
MEASURES = {"iou": "IoU", "boundary_iou": "boundary IoU", "mae": "MAE"}
NONE = "–"  # noqa: RUF001 - as tables have it


def printed(name: str) -> dict[str, dict[str, Any]]:
    """What was measured, by peer."""
    found: dict[str, dict[str, Any]] = read(name)["printed"]
    return found


def cell(of: dict[str, Any], measure: str) -> str:
    """A mean; bold where it is better than figureground's by more than chance, in italics if worse."""
    shown = f"{of['means'][measure]['value']:.3f}"
    gain = of["gain"][measure]  # how much more figureground has
    low, high = sorted((-gain["low"], -gain["high"]))
    if measure == "mae":
        low, high = -high, -low
    return f"**{shown}**" if low > 0 else f"*{shown}*" if high < 0 else shown


def images() -> str:
    """How good mattes are, by peer and set: a table for each measure."""
    sets = {name: printed(name) for name in SETS}
    counts = {name: of[OURS]["images"] for name, of in sets.items()}
    peers = {peer: row["says"] for peer, row in next(iter(sets.values())).items()}
    return "\n\n".join(
        table(
            (says, *(f"{what}, {counts[name]}" for name, what in SETS.items())),
            *((peers[peer], *(cell(of[peer], measure) for of in sets.values())) for peer in peers),
        )
        for measure, says in MEASURES.items()
    )


def videos() -> str:
    """How well mattes of a video fit and how much they flicker, and what commands do with the rest."""
    head = ("", "IoU", "boundary IoU", "dtSSD", "time", "sound", "frames at their time", "size")
    ours = printed(VIDEO)[OURS]["seconds"]
    rows = []
    for row in printed(VIDEO).values():
        fit = (f"{row['iou']:.3f}", f"{row['boundary_iou']:.3f}", f"{row['dtssd']:.2f}")
        kept: tuple[str, ...] = (NONE,) * 3
        if "sound" in row:
            sound = "kept" if row["sound"] else "lost"
            kept = (sound, f"{row['times kept']:.0%}", f"{row['times the size']:.2f}")
        rows.append((row["says"], *fit, f"{row['seconds'] / ours:.2f}", *kept))
    return table(head, *rows)


def times(row: dict[str, Any], name: str) -> str:
    """A figure beside figureground's of the same run."""
    ours = printed(COST)[OURS]
    return f"{row[name] / ours[name]:.2f}" if name in row else NONE


def costs() -> str:
    """What each takes, beside figureground."""
    head = ("", "first run", "one photo", "of all cores", "memory, MB", "loaded, a matte",
            "installed, MB", "packages")  # fmt: skip
    rows = [
        (
            row["says"],
            *(times(row, name) for name in ("first run", "seconds", "cores")),
            f"{row['megabytes of memory']:.0f}",
            times(row, "warm"),
            f"{row['megabytes']:.0f}",
            str(row["packages"]),
        )
        for row in printed(COST).values()
    ]
    ours = printed(COST)[OURS]
    return (
        f"{table(head, *rows)}\n\nTimes are beside figureground's, which took {ours['seconds']:.2f} s "
        f"for the photo and {ours['warm']:.2f} s for a matte of it."
    )


def licences() -> str:
    """Of code and of weights, as each states it."""
    head = ("", "installed", "code", "weights")
    rows = [
        (
            row["says"],
            f"{row['package']} {row['version']}",
            row["code licence"],
            row["weights licence"],
        )
        for row in printed(COST).values()
    ]
    return table(head, *rows)


def short() -> str:
    """A few figures of each, for README."""
    sets, cost = [printed(name) for name in SETS], printed(COST)
    measures = ("iou", "boundary_iou")
    head = ("", *(MEASURES[one] for one in measures), "one photo, time", "memory, MB", "installed, MB", "packages",
            "code, weights")  # fmt: skip
    rows = []
    for name, row in cost.items():
        means = [
            f"{mean(of[name]['means'][measure]['value'] for of in sets):.3f}"
            if name in sets[0]
            else NONE
            for measure in measures
        ]
        rows.append((
            row["says"], *means, times(row, "seconds"), f"{row['megabytes of memory']:.0f}",
            f"{row['megabytes']:.0f}", str(row["packages"]),
            f"{row['code licence']}, {row['weights licence']}",
        ))  # fmt: skip
    return table(head, *rows)
