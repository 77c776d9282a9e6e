#!/bin/sh
# Two plain hosts over SSH: sh two-hosts.sh HOST1 HOST2 IMAGES RESULTS
# Both see the same disk below the same names, and have figureground[cluster] in the same place.
set -eu
first=$1 second=$2 images=$3 results=$4
cores=$(ssh "$first" nproc) more=$(ssh "$second" nproc)
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
ssh -tt "$first" dask scheduler --no-dashboard --port 8786 &
sleep 5
ssh -tt "$first" dask worker "tcp://$first:8786" --nworkers "$cores" --nthreads 1 --no-dashboard &
ssh -tt "$second" dask worker "tcp://$first:8786" --nworkers "$more" --nthreads 1 --no-dashboard &
ssh "$first" figureground remove "$images" -o "$results/" --cluster "tcp://$first:8786"
