"""`python -m figureground`, and the command of that name: `cli.main` in a process of its own."""

import gc
import os
import sys

from figureground import cli

NEW_OBJECTS = 20_000  # after which Python looks for cycles: modules, which hold most, have none


def main() -> int:
    """Run the command that this process was started for; returns its exit code.

    A process that works on one photo is over in a few tenths of a second. OpenBLAS, which NumPy and
    OpenCV load, begins with a thread for every core, and these wait at full speed; nothing here
    multiplies matrices that are worth one. A person's own setting stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(NEW_OBJECTS, 10, 10)
    try:
        return cli.main()
    finally:
        gc.freeze()  # the process ends: no cycle needs finding


if __name__ == "__main__":
    sys.exit(main())
