#!/bin/sh
# One run of four programs in four languages, each with a run file of its own in one folder:
#   sh run.sh FOLDER [ID]
# Track it while it goes: runjson upload --follow FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?"usage: sh run.sh FOLDER [ID]"}
id=${2:-pipeline-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$folder/data"

bash "$here/prepare.sh" "$id" "$here/../data/iris.csv" "$folder"
c++ -std=c++17 -O2 -o "$folder/data/train" "$here/train.cpp"
"$folder/data/train" "$id" "$folder"
Rscript "$here/evaluate.R" "$id" "$folder"
python3 "$here/report.py" "$id" "$folder"
echo "$id: runjson upload $folder; runjson show $id"
