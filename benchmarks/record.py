"""Run a command that prints JSON, and keep what it printed as docs/results/NAME.json.

    python benchmarks/record.py --cd DATA lite figureground evaluate --data val/ccp --data val/vs --json --quiet
    python benchmarks/record.py --cd DATA --again lite parkour
    python benchmarks/record.py --cd DATA --again

Beside it stand the command, the day, the machine, and the hashes of the networks that ship. DIR is
where the command runs; the file does not name it. `python docs/generate.py` then writes the figures
into the guides.
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from machine import machine

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results"
NETWORKS = ROOT / "src" / "figureground" / "models" / "weights" / "SHA256SUMS"


def main() -> None:
    """Record one new command, or those of some files again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cd", type=Path, default=ROOT, metavar="DIR")
    parser.add_argument(
        "--again", action="store_true", help="run what files say; all if none is named"
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="NAME COMMAND ...")
    options = parser.parse_args()
    if not options.again:
        record(options.words[0], options.words[1:], options.cd)
        return
    for name in options.words or sorted(path.stem for path in RESULTS.glob("*.json")):
        kept = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
        record(name, kept["command"].split(), options.cd)


def record(name: str, command: list[str], folder: Path) -> None:
    """Run a command in a folder, and write what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        runnable(command), cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise SystemExit(f"{name}: the command ended with {done.returncode}; nothing is written")
    told = {
        "command": " ".join(command),
        "day": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "networks": dict(reversed(line.split()) for line in NETWORKS.read_text().splitlines()),
        "printed": printed(done.stdout),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def runnable(words: list[str]) -> list[str]:
    """The command with this Python, and with this checkout's benchmarks."""
    if words[0] == "figureground":
        return [sys.executable, "-m", *words]
    return [sys.executable, str(ROOT / words[1]), *words[2:]]


def printed(text: str) -> object:
    """One JSON value, or a list of them, one a line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


if __name__ == "__main__":
    main()
