// Fit a line to the petals of irises, tracked by print statements: the standard library alone.
//
// iris fit|diverge|fail DATA FOLDER
package main

import (
	"crypto/sha256"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// -- to copy: texts, numbers, and times -------------------------------------------------------------------------------

// quoted is a text between its quotes.
func quoted(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, char := range text {
		switch {
		case char == '"' || char == '\\':
			out.WriteByte('\\')
			out.WriteRune(char)
		case char < 0x20:
			fmt.Fprintf(&out, "\\u%04x", char)
		default:
			out.WriteRune(char)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// point is a number of a series; JSON has no NaN and no infinities.
func point(value float64) string {
	switch {
	case math.IsNaN(value):
		return `"NaN"`
	case math.IsInf(value, 1):
		return `"Infinity"`
	case math.IsInf(value, -1):
		return `"-Infinity"`
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
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

type row struct{ length, width float64 }

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

// drawn is the curve of the finite losses as SVG, on a logarithmic axis.
func drawn(losses []float64) string {
	var logs []float64
	low, high := math.Inf(1), math.Inf(-1)
	for _, loss := range losses {
		if height := math.Log10(loss); height-height == 0 {
			logs = append(logs, height)
			low, high = math.Min(low, height), math.Max(high, height)
		}
	}
	var points strings.Builder
	for index, height := range logs {
		fmt.Fprintf(&points, "%.2f,%.2f ", 300*float64(index)/float64(len(logs)), 10+180*(high-height)/(high-low))
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">`+
		`<polyline points="%s" fill="none" stroke="black"/></svg>`+"\n", points.String())
}

// column is what was logged under one name, for the document.
type column struct{ values, steps, times []string }

func (c column) String() string {
	return fmt.Sprintf(`{"values": [%s], "steps": [%s], "times": [%s]}`,
		strings.Join(c.values, ", "), strings.Join(c.steps, ", "), strings.Join(c.times, ", "))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("iris fit|diverge|fail DATA FOLDER")
	}
	variant, folder := os.Args[1], os.Args[3]
	rate, epochs := 0.02, 100
	if variant == "diverge" {
		rate, epochs = 10, 150
	}
	id := "go-" + variant

	data, err := os.ReadFile(os.Args[2])
	check(err)
	var train, heldOut []row
	for index, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		cells := strings.Split(line, ",")
		length, err := strconv.ParseFloat(cells[2], 64)
		check(err)
		width, err := strconv.ParseFloat(cells[3], 64)
		check(err)
		if index%5 == 0 {
			heldOut = append(heldOut, row{length, width})
		} else {
			train = append(train, row{length, width})
		}
	}

	first := fmt.Sprintf(`"runjson": "1.0", "project": "languages", "id": %s, "name": %s, "started_at": "%s", `+
		`"tags": ["languages", %s], "parameters": {"rate": %s, "epochs": %d, "big": %d, "note": %s}, `+
		`"source": {"language": "Go", "script": "iris.go"}, "environment": {"version": %s}`,
		quoted(id), quoted("Petals of irises in Go: "+variant), now(), quoted("say \"hi\" \\ 🦉\n\a"), tagged(rate), epochs,
		int64(9007199254740993), quoted("He said: \"5 \\ 3\"\n\tnaïve 🦉 \x01"), quoted(runtime.Version()))
	stream, err := os.Create(filepath.Join(folder, id+".run.jsonl"))
	check(err)
	write := func(format string, values ...any) {
		_, err := fmt.Fprintf(stream, format+"\n", values...)
		check(err)
	}
	write(`{%s, "status": "running"}`, first)

	columns := map[string]*column{"train/loss": {}, "validation/loss": {}, "log": {}}
	logPoint := func(kind, name, value string, step int) {
		moment := seconds()
		write(`{"step": %d, "time": %s, "%s": {"%s": %s}}`, step, moment, kind, name, value)
		into := columns[name]
		into.values = append(into.values, value)
		into.steps = append(into.steps, strconv.Itoa(step))
		into.times = append(into.times, moment)
	}
	var losses []float64
	var slope, intercept float64
	var failure error
	for epoch := 1; epoch <= epochs; epoch++ {
		loss, bySlope, byIntercept := fit(train, slope, intercept)
		losses = append(losses, loss)
		logPoint("series", "train/loss", point(loss), epoch)
		if epoch%10 == 0 {
			validation, _, _ := fit(heldOut, slope, intercept)
			logPoint("series", "validation/loss", point(validation), epoch)
			logPoint("text", "log", quoted(fmt.Sprintf("epoch %d: loss %.6g", epoch, loss)), epoch)
		}
		if variant == "fail" && epoch == 50 {
			if _, failure = os.ReadFile(filepath.Join(folder, "no-such-checkpoint")); failure != nil {
				break
			}
		}
		slope -= float64(rate * bySlope)
		intercept -= float64(rate * byIntercept)
	}

	var last string
	if failure != nil {
		last = fmt.Sprintf(`"status": "failed", "error": {"type": %s, "message": %s}`,
			quoted(fmt.Sprintf("%T", failure)), quoted(failure.Error()))
	} else {
		image, model := id+"-loss.svg", id+"-model.txt"
		check(os.WriteFile(filepath.Join(folder, image), []byte(drawn(losses)), 0o666))
		bytes := []byte(fmt.Sprintln(slope, intercept))
		check(os.WriteFile(filepath.Join(folder, model), bytes, 0o666))
		last = fmt.Sprintf(`"status": "succeeded", "properties": {"slope": %s, "intercept": %s}, `+
			`"images": {"loss": {"path": %s, "media_type": "image/svg+xml"}}, `+
			`"artifacts": {"model": {"path": %s, "bytes": %d, "sha256": "%x"}}`,
			tagged(slope), tagged(intercept), quoted(image), quoted(model), len(bytes), sha256.Sum256(bytes))
	}
	last += fmt.Sprintf(`, "ended_at": "%s"`, now())
	write("{%s}", last)
	check(stream.Close())
	document := fmt.Sprintf("{%s,\n \"series\": {\"train/loss\": %s,\n  \"validation/loss\": %s},\n \"text\": {\"log\": %s},\n %s}\n",
		first, columns["train/loss"], columns["validation/loss"], columns["log"], last)
	check(os.WriteFile(filepath.Join(folder, id+".run.json"), []byte(document), 0o666))
	if failure != nil {
		os.Exit(1)
	}
}
