#!/bin/sh
# Make weights of lite: lists, groups, three runs, and the mean of what they end with.
#
#     sh recipes/lite/make.sh DATA WORK           from the ImageNet encoder
#     sh recipes/lite/make.sh DATA WORK START     from START, weights of lite, without the first run
#
# DATA holds train/SET/images, train/SET/masks, rims/ and backgrounds/ (docs/model-card.md says what
# the sets are); everything made lies in WORK. A run that was stopped goes on where it was when the
# same command is given again. Run it from the root of the project. PYTHON is the Python to take; for
# a trial MOST is how many pairs of a set to learn from at most, and MORE are options for every run.
# It was never run as a whole; docs/model-card.md says how the weights that ship were made.
set -eu
data=$1 work=$2 start=${3:-$2/first}
python=${PYTHON:-python3}
here=$(dirname "$0")
lists=$work/lists
export MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456

train() { # RECIPE VAL and what else a run is given
    recipe=$1 val=$2
    shift 2
    "$python" -m figureground train "$here/$recipe.toml" -o "$work/$recipe" --val "$val" \
        --backgrounds "$data/backgrounds" "$@" ${MORE:-}
}

if [ ! -e "$work/group-scenes" ]; then # the last to be made, and renamed once it is whole
    "$python" tools/prepare_lite.py "$data" "$lists" ${MOST:+--most "$MOST"}
    "$python" tools/make_groups.py "$lists/hair.csv" "$lists/val.csv" --rooms "$data/backgrounds" --held \
        -o "$work/groups-held"
    # Of people with soft mattes alone: groups of people with binary masks harden hair.
    "$python" tools/make_groups.py "$lists/ccp-teacher-2.csv" "$lists/ccp-teacher.csv" "$lists/web-teacher.csv" \
        "$lists/web-teacher-2.csv" "$lists/portraits-cc0.csv" "$lists/portraits-cc0.csv" \
        --rooms "$data/backgrounds" --count 300 --seed 2 -o "$work/group-scenes.part"
    mv "$work/group-scenes.part" "$work/group-scenes"
fi

if [ "$start" = "$work/first" ]; then
    train first "$lists/val.csv" --data "$lists/ccp.csv:0.6" --data "$lists/ccp-teacher-2.csv:0.7" \
        --data "$lists/picsart.csv:0.5" --data "$lists/vs.csv:3" --data "$work/group-scenes" \
        --data "$lists/web-teacher.csv" --data "$lists/web-teacher-2.csv" \
        --data "$lists/portraits-cc0.csv:2" --data "$lists/negatives.csv:0.4" --data "$lists/negatives-2.csv:0.5"
fi

train all "$lists/val.csv" --init "$start" --data "$lists/ccp.csv:0.6" --data "$lists/ccp-teacher.csv:0.5" \
    --data "$lists/ccp-teacher-2.csv:0.7" --data "$lists/picsart.csv:0.4" --data "$lists/vs.csv:2" \
    --data "$lists/web-teacher.csv:1" --data "$lists/web-teacher-2.csv:1" --data "$lists/portraits-cc0.csv:3" \
    --data "$lists/negatives.csv:0.4" --data "$lists/negatives-2.csv:0.8"

half=$work/half.weights.h5
[ -e "$half" ] || "$python" -m figureground export "$start" "$work/all" --preset lite --to keras -o "$half"

train groups "$work/groups-held" --init "$half" --data "$lists/vs.csv" --data "$work/group-scenes:0.8" \
    --data "$lists/ccp.csv:0.06" --data "$lists/ccp-teacher-2.csv:0.25" --data "$lists/picsart.csv:0.04" \
    --data "$lists/web-teacher.csv:0.4" --data "$lists/web-teacher-2.csv:0.5" --data "$lists/portraits-cc0.csv:3" \
    --data "$lists/negatives.csv:0.3" --data "$lists/negatives-2.csv:0.5"

"$python" -m figureground export "$start" "$work/groups" --preset lite --to keras -o "$work/lite.weights.h5"
"$python" -m figureground export "$work/lite.weights.h5" --preset lite -o "$work/lite.tflite"
"$python" -m figureground export "$work/lite.weights.h5" --preset lite --to int8 -o "$work/lite-int8.tflite" \
    --calibration "$lists/ccp.csv" --calibration "$lists/picsart.csv" --calibration "$lists/vs.csv" \
    --calibration "$lists/web-teacher.csv"
