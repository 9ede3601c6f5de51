#!/usr/bin/env bash
# Fit a line to the petals of irises, tracked by printf: Bash and coreutils alone.
#
# bash iris.sh fit|diverge|fail DATA FOLDER
#
# Bash counts in whole numbers of 64 bits, so a number here is a count of 1/100000000: 250000000 is 2.5. What does
# not fit into them is NaN or Infinity.

set -o nounset -o pipefail

# -- to copy: texts, numbers, and times. Each one leaves what it made in REPLY -----------------------------------------

# A text between its quotes.
quoted() {
    local text=$1 code control escape
    text=${text//\\/'\\'}
    text=${text//\"/'\"'}
    if [[ $text == *[[:cntrl:]]* ]]; then
        for code in {1..31}; do
            printf -v escape '\\u%04x' "$code"
            printf -v control "\\x${escape: -2}"
            text=${text//"$control"/"$escape"}
        done
    fi
    REPLY="\"$text\""
}

# A count of 1/100000000 as a decimal; JSON has no NaN and no infinities.
point() {
    case $1 in
        NaN | Infinity | -Infinity) REPLY="\"$1\"" ;;
        -*) printf -v REPLY -- '-%d.%08d' $((-$1 / 100000000)) $((-$1 % 100000000)) ;;
        *) printf -v REPLY '%d.%08d' $(($1 / 100000000)) $(($1 % 100000000)) ;;
    esac
}

# The same as a property or parameter.
tagged() {
    point "$1"
    if [[ $REPLY == \"* ]]; then REPLY="{\"\$float\": $REPLY}"; fi
}

# Seconds since 1970. Some locales have a decimal comma.
seconds() { REPLY=${EPOCHREALTIME/[!0-9]/.}; }

# The moment, in UTC.
now() { TZ=UTC0 printf -v REPLY '%(%Y-%m-%dT%H:%M:%SZ)T' -1; }

# -- the experiment ----------------------------------------------------------------------------------------------------

variant=$1 data=$2 folder=$3
name=bash-$variant
rate=2 rate_text=0.02 epochs=100 # the rate in hundredths
if [[ $variant == diverge ]]; then rate=1000 rate_text=10 epochs=150; fi

# Lengths and widths in tenths.
lengths=() widths=()
while IFS=, read -r _ _ length width _; do
    lengths+=($((10#${length/./})))
    widths+=($((10#${width/./})))
done < <(tail -n +2 "$data")
train=() held_out=()
for index in "${!lengths[@]}"; do
    if ((index % 5)); then train+=("$index"); else held_out+=("$index"); fi
done

# The mean square of the errors at the rows that are given, and its derivatives: loss, by_slope, by_intercept.
fit() {
    local index error absolute largest=0
    loss=0 by_slope=0 by_intercept=0
    if [[ $slope == NaN ]]; then
        loss=NaN by_slope=NaN by_intercept=NaN
        return
    fi
    for index; do
        ((error = slope * lengths[index] / 10 + intercept - widths[index] * 10000000))
        ((absolute = error < 0 ? -error : error, largest = absolute > largest ? absolute : largest))
        ((loss += error * error / 100000000))
        ((by_slope += 2 * error * lengths[index] / 10, by_intercept += 2 * error))
    done
    ((loss /= $#, by_slope /= $#, by_intercept /= $#))
    # The square of a larger error does not fit into 64 bits, nor does what a much larger one makes of the slope.
    if ((largest > 3000000000)); then loss=Infinity; fi
    if ((largest > 100000000000)); then by_slope=NaN by_intercept=NaN; fi
}

# log series|text NAME VALUE STEP: one line of the stream, and one entry of each column of the document.
declare -A values=() steps=() times=()
log() {
    seconds
    printf '{"step": %d, "time": %s, "%s": {"%s": %s}}\n' "$4" "$REPLY" "$1" "$2" "$3" >&3
    values[$2]+=${values[$2]:+, }$3 steps[$2]+=${steps[$2]:+, }$4 times[$2]+=${times[$2]:+, }$REPLY
}

column() { REPLY="\"$1\": {\"values\": [${values[$1]}], \"steps\": [${steps[$1]}], \"times\": [${times[$1]}]}"; }

quoted $'say "hi" \\ 🦉\n\a' && tag=$REPLY
quoted $'He said: "5 \\ 3"\n\tnaïve 🦉 \x01' && note=$REPLY
quoted "$BASH_VERSION" && version=$REPLY
now
head="\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": \"$name\", \"name\": \"Petals of irises in Bash: $variant\",
 \"started_at\": \"$REPLY\", \"tags\": [\"languages\", $tag],
 \"parameters\": {\"rate\": $rate_text, \"epochs\": $epochs, \"big\": 9007199254740993, \"note\": $note},
 \"source\": {\"language\": \"Bash\", \"script\": \"iris.sh\"}, \"environment\": {\"version\": $version}"
exec 3>"$folder/$name.run.jsonl"
printf '{%s, "status": "running"}\n' "${head//$'\n'/}" >&3

slope=0 intercept=0 losses=() failure=0
for ((epoch = 1; epoch <= epochs; epoch++)); do
    fit "${train[@]}"
    change=$by_slope shift=$by_intercept
    losses+=("$loss")
    point "$loss" && text=$REPLY
    log series train/loss "$text" "$epoch"
    if ((epoch % 10 == 0)); then
        quoted "epoch $epoch: loss ${text//\"/}" && text=$REPLY
        fit "${held_out[@]}"
        point "$loss"
        log series validation/loss "$REPLY" "$epoch"
        log text log "$text" "$epoch"
    fi
    if [[ $variant == fail && $epoch == 50 ]]; then
        message=$({ mapfile -t checkpoint <"$folder/no-such-checkpoint"; } 2>&1) || failure=$?
        if ((failure)); then break; fi
    fi
    if [[ $change == NaN ]]; then
        slope=NaN intercept=NaN
    else
        ((slope -= rate * change / 100, intercept -= rate * shift / 100))
    fi
done

if ((failure)); then
    quoted "$message"
    tail="\"status\": \"failed\", \"error\": {\"type\": \"exit status $failure\", \"message\": $REPLY}"
else
    # The curve of the finite losses as SVG. Bash has no logarithm.
    points='' highest=${losses[0]} place=0
    for loss in "${losses[@]}"; do
        if [[ $loss == Infinity || $loss == NaN ]]; then break; fi
        points+="$((300 * place++ / epochs)),$((190 - 180 * loss / highest)) "
    done
    line="<polyline points=\"${points% }\" fill=\"none\" stroke=\"black\"/>"
    echo "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\">$line</svg>" >"$folder/$name-loss.svg"
    model=$folder/$name-model.txt
    point "$slope" && slope_text=$REPLY
    point "$intercept"
    echo "${slope_text//\"/} ${REPLY//\"/}" >"$model"
    read -r digest _ < <(sha256sum <"$model")
    tagged "$slope" && slope_text=$REPLY
    tagged "$intercept"
    tail="\"status\": \"succeeded\", \"properties\": {\"slope\": $slope_text, \"intercept\": $REPLY},
 \"images\": {\"loss\": {\"path\": \"$name-loss.svg\", \"media_type\": \"image/svg+xml\"}},
 \"artifacts\": {\"model\": {\"path\": \"$name-model.txt\", \"bytes\": $(wc -c <"$model"), \"sha256\": \"$digest\"}}"
fi
now
tail+=", \"ended_at\": \"$REPLY\""
printf '{%s}\n' "${tail//$'\n'/}" >&3
exec 3>&-

column train/loss && series=$REPLY
column validation/loss && series+=", $REPLY"
column log
printf '{%s,\n "series": {%s},\n "text": {%s},\n %s}\n' "$head" "$series" "$REPLY" "$tail" >"$folder/$name.run.json"
exit $((failure != 0))
