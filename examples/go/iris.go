// Fit a line to the petals of irises, tracked by print statements: the standard library alone.
//
// iris fit|diverge|fail DATA FOLDER
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"runtime"
	"strings"
	"time"
)

// -- to copy: texts, numbers, and times -------------------------------------------------------------------------------

// quoted is a text between its quotes.
func quoted(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

// point is a number of a series; JSON has no NaN and no infinities.
func point(value float64) string {
	return strings.NewReplacer("NaN", `"NaN"`, "+Inf", `"Infinity"`, "-Inf", `"-Infinity"`).Replace(fmt.Sprint(value))
}

// tagged is the same as a property or parameter.
func tagged(value float64) string {
	text := point(value)
	if text[0] == '"' {
		return `{"$float": ` + text + "}"
	}
	return text
}

// seconds since 1970, and the moment in UTC.
func seconds() string { return fmt.Sprintf("%.3f", float64(time.Now().UnixMilli())/1e3) }

func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// -- the experiment ---------------------------------------------------------------------------------------------------

// column is what was logged under one name, as it was printed, for the document.
type column struct{ values, steps, times []string }

func (c *column) String() string {
	return fmt.Sprintf(`{"values": [%s], "steps": [%s], "times": [%s]}`,
		strings.Join(c.values, ", "), strings.Join(c.steps, ", "), strings.Join(c.times, ", "))
}

type row struct{ length, width float64 }

// read returns the rows to train with, and every fifth, which is held out.
func read(path string) (train, heldOut []row) {
	data, err := os.ReadFile(path)
	check(err)
	for index, line := range strings.Fields(string(data))[1:] {
		var one row
		_, err := fmt.Sscanf(line, "%f,%f,%f,%f", new(float64), new(float64), &one.length, &one.width)
		check(err)
		if index%5 == 0 {
			heldOut = append(heldOut, one)
		} else {
			train = append(train, one)
		}
	}
	return train, heldOut
}

// fit is the mean square of the errors, and its derivatives by slope and intercept. A product within float64() is
// rounded before it is added, on every processor.
func fit(rows []row, slope, intercept float64) (loss, bySlope, byIntercept float64) {
	for _, row := range rows {
		miss := float64(slope*row.length) + intercept - row.width
		loss += float64(miss * miss)
		bySlope += float64(2 * miss * row.length)
		byIntercept += float64(2 * miss)
	}
	count := float64(len(rows))
	return loss / count, bySlope / count, byIntercept / count
}

// drawn is the curve of the logarithms of the losses, which only fall or only rise, as SVG.
func drawn(heights []float64) string {
	first, last := heights[0], heights[len(heights)-1]
	low, high := math.Min(first, last), math.Max(first, last)
	var points strings.Builder
	for index, height := range heights {
		fmt.Fprintf(&points, "%.2f,%.2f ", 300*float64(index)/float64(len(heights)), 10+180*(high-height)/(high-low))
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><polyline points="` + points.String() +
		`" fill="none" stroke="black"/></svg>` + "\n"
}

func save(path, text string) { check(os.WriteFile(path, []byte(text), 0o666)) }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	variant, id := os.Args[1], "go-"+os.Args[1]
	train, heldOut := read(os.Args[2])
	check(os.Chdir(os.Args[3]))
	rate, epochs := 0.02, 100
	if variant == "diverge" {
		rate, epochs = 10, 150
	}

	first := fmt.Sprintf(`"runjson": "1.0", "project": "languages", "id": %s, "name": %s, "started_at": "%s", `+
		`"tags": ["languages", %s], "parameters": {"rate": %s, "epochs": %d, "big": %d, "note": %s}, `+
		`"source": {"language": "Go", "script": "iris.go"}, "environment": {"version": %s}`,
		quoted(id), quoted("Petals of irises in Go: "+variant), now(), quoted("say \"hi\" \\ 🦉\n\a"),
		tagged(rate), epochs, int64(9007199254740993), quoted("He said: \"5 \\ 3\"\n\tnaïve 🦉 \x01"),
		quoted(runtime.Version()))
	stream, err := os.Create(id + ".run.jsonl")
	check(err)
	write := func(format string, values ...any) { // one line at once: a file has no buffer
		_, err := fmt.Fprintf(stream, format+"\n", values...)
		check(err)
	}
	write(`{%s, "status": "running"}`, first)

	columns := map[string]*column{"train/loss": {}, "validation/loss": {}, "log": {}}
	logPoint := func(kind, name string, step int, value string) {
		moment, into := seconds(), columns[name]
		write(`{"step": %d, "time": %s, "%s": {"%s": %s}}`, step, moment, kind, name, value)
		into.values = append(into.values, value)
		into.steps = append(into.steps, fmt.Sprint(step))
		into.times = append(into.times, moment)
	}
	var heights []float64
	var slope, intercept float64
	for epoch := 1; epoch <= epochs && err == nil; epoch++ {
		loss, bySlope, byIntercept := fit(train, slope, intercept)
		logPoint("series", "train/loss", epoch, point(loss))
		if loss <= math.MaxFloat64 {
			heights = append(heights, math.Log10(loss))
		}
		if epoch%10 == 0 {
			validation, _, _ := fit(heldOut, slope, intercept)
			logPoint("series", "validation/loss", epoch, point(validation))
			logPoint("text", "log", epoch, quoted(fmt.Sprintf("epoch %d: loss %.6g", epoch, loss)))
		}
		if variant == "fail" && epoch == 50 {
			_, err = os.ReadFile("no-such-checkpoint")
		}
		slope -= float64(rate * bySlope)
		intercept -= float64(rate * byIntercept)
	}

	last := fmt.Sprintf(`"ended_at": "%s", `, now())
	if err != nil {
		last += fmt.Sprintf(`"status": "failed", "error": {"type": "%T", "message": %s}`, err, quoted(err.Error()))
	} else {
		image, path, model := id+"-loss.svg", id+"-model.txt", fmt.Sprintln(slope, intercept)
		save(image, drawn(heights))
		save(path, model)
		last += fmt.Sprintf(`"status": "succeeded", "properties": {"slope": %s, "intercept": %s}, `+
			`"images": {"loss": {"path": %s, "media_type": "image/svg+xml"}}, `+
			`"artifacts": {"model": {"path": %s, "bytes": %d, "sha256": "%x"}}`,
			tagged(slope), tagged(intercept), quoted(image), quoted(path), len(model), sha256.Sum256([]byte(model)))
	}
	write("{%s}", last)
	save(id+".run.json", fmt.Sprintf(
		"{%s,\n \"series\": {\"train/loss\": %s,\n  \"validation/loss\": %s},\n \"text\": {\"log\": %s},\n %s}\n",
		first, columns["train/loss"], columns["validation/loss"], columns["log"], last))
	check(err)
}
