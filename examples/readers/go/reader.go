package main

import (
	"bytes"
	"io"
	"sort"
	"strings"
)

type finding struct {
	Code     string  `json:"code"`
	Severity string  `json:"severity"`
	Pointer  *string `json:"pointer,omitempty"` // nil: the fault is in the text, not in a value
	Line     int     `json:"line,omitempty"`
}

const maxFindings = 1000 // more help nobody; a stream is not read beyond them

// A reader reads one run file: it finds the records and folds them.
type reader struct {
	data      []byte
	name      string // the name of the file
	lenient   bool
	openFiles bool

	breaks   []int // where the line breaks of the file are
	findings []finding
	errors   int

	stream     bool
	first      bool             // the next record is the first
	newer      bool             // the file has a greater minor than 1.0
	members    map[string]field // how the members of a record are read
	step, time any              // of the record at hand
	run        *run

	pending  func()            // opens the file of the artifact at hand
	unopened map[string]func() // the same for each artifact, at the end
}

func newReader(data []byte, name string) *reader {
	r := &reader{data: data, name: name, first: true, run: newRun(), findings: []finding{}, unopened: map[string]func(){}}
	for i, c := range data {
		if c == '\n' {
			r.breaks = append(r.breaks, i)
		}
	}
	r.members = r.recordFields()
	return r
}

func (r *reader) report(code, severity string, at int, pointer *string) {
	if severity == "error" {
		r.errors++
	}
	if len(r.findings) < maxFindings {
		line := sort.SearchInts(r.breaks, at) + 1
		r.findings = append(r.findings, finding{code, severity, pointer, line})
	}
}

// fault reports an error in the text of the file.
func (r *reader) fault(code string, at int) { r.report(code, "error", at, nil) }

func (r *reader) err(code string, n *node) { r.report(code, "error", n.at, n.pointer()) }

func (r *reader) warn(code string, n *node) { r.report(code, "warning", n.at, n.pointer()) }

// read reads the file as a document or as a stream.
func (r *reader) read() {
	start := 0
	if bytes.HasPrefix(r.data, []byte("\xef\xbb\xbf")) {
		start = 3
	}
	r.stream = r.isStream(start)
	if r.stream {
		r.readStream(start)
	} else if !blank(r.data[start:]) {
		r.readDocument(start)
	}
	if r.first && r.errors == 0 {
		r.fault("RJ014", len(r.data))
	}
	for _, open := range r.unopened {
		open()
	}
}

// isStream tells a stream from a document, by the rules of section 3.2.
func (r *reader) isStream(start int) bool {
	name := strings.ToLower(r.name)
	named := strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".ndjson")
	rest := bytes.TrimLeft(r.data[start:], " \t\r\n")
	line, others, _ := bytes.Cut(rest, []byte("\n")) // the first line that is not blank
	if _, err := scan(line); err == nil && beginsObject(line) {
		return named || !blank(others)
	}
	if !named || !beginsObject(rest) {
		return named
	}
	end, err := scan(rest)
	return err != nil || end < len(rest)
}

func blank(data []byte) bool { return len(bytes.Trim(data, " \t\r\n")) == 0 }

func beginsObject(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
}

func (r *reader) readDocument(start int) {
	if i := invalidUTF8(r.data); i >= 0 {
		r.fault("RJ001", i)
		return
	}
	data := r.data[start:]
	if end, err := scan(data); err != nil || end < len(data) {
		r.badText(data, start+end, err)
		return
	}
	r.take(data, start)
}

// readStream reads a record a line.
func (r *reader) readStream(start int) {
	torn := -1 // where the last torn line begins
	for next := 0; start < len(r.data); start = next {
		if len(r.findings) >= maxFindings || r.first && r.errors > 0 {
			return // without its first record the others can not be judged
		}
		line, _, _ := bytes.Cut(r.data[start:], []byte("\n"))
		next = start + len(line) + 1
		line = bytes.TrimSuffix(line, []byte("\r"))
		if blank(line) {
			continue
		}
		end, err := scan(line)
		isTorn := err == io.ErrUnexpectedEOF && beginsObject(line)
		if isTorn { // whatever its bytes are
			torn = start
			r.report("RJ010", "warning", start, nil)
		} else if i := invalidUTF8(line); i >= 0 {
			r.fault("RJ001", start+i)
		} else if err == nil && end == len(line) {
			r.take(line, start)
		} else if size := r.objectAt(torn); size > 0 {
			r.fault("RJ012", torn)
			next, torn = torn+size, -1
		} else {
			r.badText(line, start+end, err)
		}
	}
}

// objectAt gives the size of the object that a torn line and the lines behind it are, or 0.
func (r *reader) objectAt(torn int) int {
	if torn >= 0 {
		if size, err := scan(r.data[torn:]); err == nil {
			return size
		}
	}
	return 0
}

// badText reports text that is not JSON, or that goes on behind a value.
func (r *reader) badText(data []byte, at int, err error) {
	if err == nil && beginsObject(data) {
		r.fault("RJ011", at)
	} else {
		r.fault("RJ003", at)
	}
}

// take builds a record and folds it.
func (r *reader) take(data []byte, start int) {
	before := r.errors
	n := build(data, start, r.fault)
	if r.errors > before {
		return
	}
	if n.kind != object {
		r.err("RJ013", n)
		return
	}
	r.record(n)
	r.first = false
}
