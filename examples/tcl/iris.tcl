# Fit a line to the petals of irises, tracked by print statements: Tcl alone.
#
# tclsh iris.tcl fit|diverge|fail DATA FOLDER

package require Tcl 8.6

# -- to copy: texts, numbers, and the time -----------------------------------------------------------------------------

# A text in quotes. The file that it goes to has the encoding utf-8.
set escapes [list \\ \\\\ \" \\\"]
for {set code 0} {$code < 32} {incr code} {
    lappend escapes [format %c $code] [format \\u%04x $code]
}
proc text {value} {
    return "\"[string map $::escapes $value]\""
}

# A number of a series; JSON has no NaN and no infinities. Tcl prints every other one with all its digits.
proc point {value} {
    switch -- [string tolower [string trimleft $value -]] {
        nan {return {"NaN"}}
        inf {return [expr {$value > 0 ? {"Infinity"} : {"-Infinity"}}]}
    }
    return $value
}

# The same as a property or parameter.
proc tagged {value} {
    set found [point $value]
    if {[string match {"*} $found]} {return "{\"\$float\": $found}"}
    return $found
}

# The moment in UTC, and as seconds since 1970.
proc now {} {
    return [clock format [clock seconds] -timezone :UTC -locale C -format %Y-%m-%dT%H:%M:%SZ]
}
proc seconds {} {
    set milliseconds [clock milliseconds]
    return [format %d.%03d [expr {$milliseconds / 1000}] [expr {$milliseconds % 1000}]]
}

# -- the experiment ----------------------------------------------------------------------------------------------------

# expr as IEEE 754 has it: Tcl makes an error of each operation that gives NaN.
proc real {expression} {
    try {
        return [uplevel 1 [list expr $expression]]
    } trap {ARITH DOMAIN} {} {
        return NaN
    }
}

# The mean square of the errors, and its derivatives by slope and intercept.
proc fit {pairs slope intercept} {
    lassign {0.0 0.0 0.0} loss by_slope by_intercept
    foreach {length width} $pairs {
        set error [real {$slope * $length + $intercept - $width}]
        set loss [real {$loss + $error * $error}]
        set by_slope [real {$by_slope + 2 * $error * $length}]
        set by_intercept [real {$by_intercept + 2 * $error}]
    }
    set n [expr {[llength $pairs] / 2}]
    return [list [real {$loss / $n}] [real {$by_slope / $n}] [real {$by_intercept / $n}]]
}

# The curve of the finite losses as SVG, on a logarithmic axis.
proc drawn {losses} {
    set logs [lmap loss $losses {
        if {[string match {"*} [point $loss]]} continue
        expr {log10($loss)}
    }]
    set low [tcl::mathfunc::min {*}$logs]
    set high [tcl::mathfunc::max {*}$logs]
    set index -1
    set points [lmap height $logs {
        format %.2f,%.2f [expr {300.0 * [incr index] / [llength $logs]}] \
            [expr {10 + 180 * ($high - $height) / ($high - $low)}]
    }]
    set line "<polyline points=\"$points\" fill=\"none\" stroke=\"black\"/>"
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\">$line</svg>\n"
}

proc create {path} {
    set file [open $path w]
    fconfigure $file -encoding utf-8 -translation lf
    return $file
}

proc save {path content} {
    set file [create $path]
    puts -nonewline $file $content
    close $file
}

lassign $argv variant data folder
set train {}
set held_out {}
set index -1
set file [open $data]
gets $file
while {[gets $file line] >= 0} {
    lappend [expr {[incr index] % 5 ? "train" : "held_out"}] {*}[lrange [split $line ,] 2 3]
}
close $file
lassign [expr {$variant eq "diverge" ? {10.0 150} : {0.02 100}}] rate epochs

set id tcl-$variant
set owl [encoding convertfrom utf-8 \xf0\x9f\xa6\x89]
set first [list \
    "\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": [text $id]" \
    "\"name\": [text "Petals of irises in Tcl: $variant"], \"started_at\": [text [now]]" \
    "\"tags\": \[\"languages\", [text "say \"hi\" \\ $owl\n\a"]\]" \
    "\"parameters\": {\"rate\": [tagged $rate], \"epochs\": $epochs, \"big\": [expr {2**53 + 1}],\
        \"note\": [text "He said: \"5 \\ 3\"\n\tna\u00efve $owl \u0001"]}" \
    "\"source\": {\"language\": \"Tcl\", \"script\": \"iris.tcl\"}" \
    "\"environment\": {\"version\": [text [info patchlevel]]}"]

set stream [create $folder/$id.run.jsonl]
proc put {args} {
    puts $::stream "{[join $args {, }]}"
    flush $::stream
}

# Each series keeps its values, steps and times for the document, as they were printed.
proc log {kind series value step} {
    set time [seconds]
    put "\"step\": $step, \"time\": $time, \"$kind\": {\"$series\": $value}"
    foreach column {values steps times} entry [list $value $step $time] {
        lappend ::columns($kind,$series,$column) $entry
    }
}

put {*}$first {"status": "running"}
set losses {}
lassign {0.0 0.0} slope intercept
try {
    for {set epoch 1} {$epoch <= $epochs} {incr epoch} {
        lassign [fit $train $slope $intercept] loss by_slope by_intercept
        log series train/loss [point $loss] $epoch
        lappend losses $loss
        if {$epoch % 10 == 0} {
            log series validation/loss [point [lindex [fit $held_out $slope $intercept] 0]] $epoch
            if {[catch {format %.6g $loss} shown]} {set shown $loss} ;# format refuses NaN
            log text log [text "epoch $epoch: loss $shown"] $epoch
        }
        if {$variant eq "fail" && $epoch == 50} {
            close [open $folder/no-such-checkpoint]
        }
        set slope [real {$slope - $rate * $by_slope}]
        set intercept [real {$intercept - $rate * $by_intercept}]
    }
    save $folder/$id-loss.svg [drawn $losses]
    set model "$slope $intercept\n"
    save $folder/$id-model.txt $model
    set digest [string range [exec sha256sum << $model] 0 63]
    set last [list \
        "\"status\": \"succeeded\", \"properties\": {\"slope\": [tagged $slope], \"intercept\": [tagged $intercept]}" \
        "\"images\": {\"loss\": {\"path\": \"$id-loss.svg\", \"media_type\": \"image/svg+xml\"}}" \
        "\"artifacts\": {\"model\": {\"path\": \"$id-model.txt\", \"bytes\": [string length $model],\
            \"sha256\": \"$digest\"}}"]
    set code 0
} on error {message options} {
    set type [join [lrange [dict get $options -errorcode] 0 1]]
    set last [list "\"status\": \"failed\", \"error\": {\"type\": [text $type], \"message\": [text $message]}"]
    set code 1
}
lappend last "\"ended_at\": [text [now]]"
put {*}$last
close $stream

proc column {kind series} {
    set lists [lmap name {values steps times} {
        string cat \"$name\" ": \[" [join $::columns($kind,$series,$name) ", "] "\]"
    }]
    return "\"$series\": {[join $lists {, }]}"
}
set points [list \
    "\"series\": {[column series train/loss], [column series validation/loss]}" "\"text\": {[column text log]}"]
save $folder/$id.run.json "{[join [list {*}$first {*}$points {*}$last] ",\n "]}\n"
exit $code
