#!/bin/sh
# pyarrow 26.0.1 without pandas: whether a column of times in nanoseconds can be brought to Python depends on the last
# three digits of each of its times, so a table of files' times reads for years, and then does not. Seen:
#     1767323045000000000: datetime.datetime(2026, 1, 2, 3, 4, 5)
#     1767323045000001000: datetime.datetime(2026, 1, 2, 3, 4, 5, 1)
#     1767323045000001001: ValueError
# Expected: one kind of answer for a column's type, whatever is in it. Ends with 1 when that is so.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1 2>/dev/null
cd "$place"
"$place/venv/bin/python" - <<'PYTHON' | tee seen
import pyarrow as pa
import pyarrow.parquet as pq

for time in (1767323045000000000, 1767323045000001000, 1767323045000001001):
    pq.write_table(pa.table({"when": pa.array([time], pa.timestamp("ns"))}), "a.parquet")
    try:
        print(f"{time}: {pq.read_table('a.parquet').to_pylist()[0]['when']!r}")
    except ValueError as error:
        print(f"{time}: {type(error).__name__}")
PYTHON
grep -qx "1767323045000001000: datetime.datetime(2026, 1, 2, 3, 4, 5, 1)" seen
grep -qx "1767323045000001001: ValueError" seen
