#!/usr/bin/env bash
# Install a wheel into an empty environment outside of the tree, and use it there as a stranger would.
#
#   tools/check_wheel.sh WHEEL [PYTHON [TESTS...]]
set -euo pipefail
wheel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
python=${2:-python3}
here=$(cd "$(dirname "$0")/.." && pwd)
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT

"$python" -m venv "$there/venv"
bin=$there/venv/bin
[ -d "$bin" ] || bin=$there/venv/Scripts # Windows
"$bin/python" -m pip install --quiet --disable-pip-version-check "$wheel"

cd "$there"
"$bin/python" -m pip list --disable-pip-version-check
"$bin/figureground" --version
"$bin/figureground" doctor
cp "$here/examples/astronaut.jpg" "$here/examples/astronaut.mp4" .
"$bin/figureground" astronaut.jpg
"$bin/figureground" remove astronaut.mp4 -o astronaut.webm --frames 10 --quiet
"$bin/python" -c '
from PIL import Image
low, high = Image.open("astronaut.cutout.png").getextrema()[3]
assert (low, high) == (0, 255), (low, high)
'
test -s astronaut.webm
test -f "$there/venv/share/man/man1/figureground.1"

"$bin/python" -m pip install --quiet --disable-pip-version-check --group "$here/pyproject.toml:runtime"
"$here/tools/runtime_tests.sh" "$bin/python" "${@:3}"
