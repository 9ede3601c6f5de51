#!/bin/bash
# Splits the data: every fifth row is for the test. Bash and coreutils, and sed.
set -eu
id=$1 data=$2 folder=$3
stream=$folder/prepare.run.jsonl

line() { printf '%s\n' "$1" >>"$stream"; }
moment() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
artifact() { # a name, a path below the folder
    local digest
    digest=$(sha256sum "$folder/$2")
    printf '"%s":{"path":"%s","bytes":%d,"sha256":"%s"}' "$1" "$2" "$(stat -c %s "$folder/$2")" "${digest%% *}"
}

line "{\"runjson\":\"1.0\",\"project\":\"languages\",\"id\":\"$id\",\"writer\":\"prepare\",\"status\":\"running\",\"started_at\":\"$(moment)\",\"name\":\"A run of four languages\",\"tags\":[\"pipeline\"],\"parameters\":{\"test_every\":5}}"
rows=$(tail -n +2 "$data" | cut -d, -f3,4)
sed '1~5d' <<<"$rows" >"$folder/data/train.csv"
sed -n '1~5p' <<<"$rows" >"$folder/data/test.csv"
for part in train test; do
    count=$(wc -l <"$folder/data/$part.csv")
    line "{\"time\":$(date +%s.%3N),\"text\":{\"log\":\"$part: $count rows\"},\"series\":{\"rows/$part\":$count}}"
done
line "{\"artifacts\":{$(artifact data/train data/train.csv),$(artifact data/test data/test.csv)}}"
line "{\"status\":\"succeeded\",\"ended_at\":\"$(moment)\"}"
