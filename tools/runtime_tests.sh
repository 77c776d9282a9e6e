#!/usr/bin/env bash
# Run the tests of what removal needs, with the figureground that a Python has installed; TensorFlow is not needed.
#
#   tools/runtime_tests.sh PYTHON [TESTS...]
#
# They run in a copy of the tree that has no src/, so nothing but the installed package can be found.
set -euo pipefail
python=$1
case $python in */*) python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") ;; esac # they run elsewhere
shift
[ $# -gt 0 ] || set -- tests/media tests/jobs tests/matting tests/doctor tests/cli
here=$(cd "$(dirname "$0")/.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

for part in tests examples docs share tools pyproject.toml README.md; do
  cp -R "$here/$part" "$tree/$part"
done
cd "$tree"
"$python" -m pytest -p no:cacheprovider --numprocesses logical \
  --ignore tests/cli/test_tutorial.py --ignore tests/cli/test_silence.py \
  --ignore tests/cli/test_jobs.py --ignore tests/cli/test_soak.py --ignore tests/cli/test_damaged_texts.py \
  --deselect tests/cli/test_nothing_outside.py::test_a_training_writes_its_run_and_nothing_else "$@"
