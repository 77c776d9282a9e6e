"""Tables of figureground beside other tools, from what benchmarks/peers.py measured."""

from statistics import mean
from typing import Any

from recorded import RESULTS, read, table

OURS = "figureground"
COST = "peers-cost"
NAMES = {  # files of results: what they are of
    "peers-ccp": "street fashion",
    "peers-vs": "groups, indoors",
    "peers-portraits": "portraits",
    "peers-coco": "sport, small, dark",
}
SETS = {name: says for name, says in NAMES.items() if (RESULTS / f"{name}.json").exists()}
DIGITS = {"iou": 3, "boundary_iou": 3, "mae": 3}
NONE = "–"  # noqa: RUF001 - as tables have it


def printed(name: str) -> dict[str, dict[str, Any]]:
    """What was measured, by peer."""
    found: dict[str, dict[str, Any]] = read(name)["printed"]
    return found


def cell(of: dict[str, Any], measure: str) -> str:
    """A mean; bold where it is better than figureground's by more than chance, in italics if worse."""
    shown = f"{of['means'][measure]['value']:.{DIGITS[measure]}f}"
    gain = of["gain"][measure]  # how much more figureground has
    low, high = sorted((-gain["low"], -gain["high"]))
    if measure == "mae":
        low, high = -high, -low
    return f"**{shown}**" if low > 0 else f"*{shown}*" if high < 0 else shown


def images() -> str:
    """How good mattes are, by peer and set; how to measure them where that was not done yet."""
    if not SETS:
        return (
            "Not measured yet with the weights that ship. Each set is one run of some minutes:\n\n```sh\n"
            "python benchmarks/record.py --cd DATA peers-ccp python benchmarks/peers.py images val/ccp\n```"
        )
    sets = {name: printed(name) for name in SETS}
    counts = {name: of[OURS]["images"] for name, of in sets.items()}
    head = ("IoU / boundary IoU / MAE", *(f"{says}, {counts[name]}" for name, says in SETS.items()))
    rows = [
        (row["says"], *(" / ".join(cell(of[peer], one) for one in DIGITS) for of in sets.values()))
        for peer, row in next(iter(sets.values())).items()
    ]
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
    measures = {"iou": "IoU", "boundary_iou": "boundary IoU"} if sets else {}
    head = ("", *measures.values(), "one photo, time", "memory, MB", "installed, MB", "packages",
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
