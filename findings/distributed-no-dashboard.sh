#!/bin/sh
# distributed 2026.8.0 (dask 2026.8.0): a LocalCluster that is told to have no dashboard, dashboard_address=None, takes
# port 8787 all the same, the dashboard's; a second one beside it warns. Seen:
#     first: port 8787
#     second: UserWarning Port 8787 is already in use.
#     with ":0": no warning
# Expected: no port, or any free one, where no dashboard is wanted. Ends with 1 when that is so.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check distributed==2026.8.0 dask==2026.8.0 2>/dev/null
cd "$place"
cat > clusters.py <<'PYTHON'
import warnings

from distributed import LocalCluster


def begin(address):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        cluster = LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=address,
            worker_dashboard_address=":0",
        )
    lines = [f"{w.category.__name__} {str(w.message).splitlines()[0]}" for w in told if "already in use" in str(w.message)]
    return cluster, lines


first, _ = begin(None)
print("first: port", first.scheduler.http_server.port)
second, lines = begin(None)
print("second:", *lines)
third, lines = begin(":0")
print('with ":0":', *(lines or ["no warning"]))
for cluster in (third, second, first):
    cluster.close()
PYTHON
"$place/venv/bin/python" clusters.py 2>/dev/null | tee seen
grep -qx 'first: port 8787' seen
grep -qx 'second: UserWarning Port 8787 is already in use.' seen
grep -qx 'with ":0": no warning' seen
