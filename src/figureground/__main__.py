"""`python -m figureground`."""

import sys

from figureground.cli import main

if __name__ == "__main__":
    sys.exit(main())
