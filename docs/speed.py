"""Tables of time and memory, from what benchmarks/all.py and benchmarks/growth.py measured."""

from recorded import read, table

SPEED, GROWTH = "speed", "growth"
NONE = "–"  # noqa: RUF001 - as tables have it


def speed() -> str:
    """Each piece of work, beside what no tool can avoid."""
    head = ("work", "seconds of all cores", "beside the floor", "peak memory, MB")
    rows = [
        (
            row["work"],
            f"{row['this']['cores']:.3f}",
            f"{row['of floor'][0]:.2f}" if "of floor" in row else NONE,
            f"{row['this']['megabytes']:.0f}",
        )
        for row in read(SPEED)["printed"]
    ]
    return table(head, *rows)


def growth(what: str, says: str) -> str:
    """How time and memory grow with the size of the work."""
    rows = read(GROWTH)["printed"][what]
    return table(
        (says, *(f"{row['size']:,}" for row in rows)),
        ("seconds of all cores", *(f"{row['cores']:.1f}" for row in rows)),
        ("peak memory, MB", *(f"{row['megabytes']:.0f}" for row in rows)),
    )
