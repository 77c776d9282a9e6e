"""Run a command that prints JSON, and keep what it printed as docs/results/NAME.json.

    python benchmarks/record.py [--cd DIR] NAME COMMAND ...
    python benchmarks/record.py --cd DATA lite figureground evaluate --data val/ccp --data val/vs --data val/portraits \
--json --quiet

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
    """Run, read what was printed, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--cd", type=Path, default=ROOT, metavar="DIR")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        runnable(options.command),
        cwd=options.cd,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"the command ended with {done.returncode}; nothing is written")
    record = {
        "command": " ".join(options.command),
        "day": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "networks": dict(reversed(line.split()) for line in NETWORKS.read_text().splitlines()),
        "printed": printed(done.stdout),
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(record, indent=1) + "\n"
    (RESULTS / f"{options.name}.json").write_text(text, "utf-8")


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
