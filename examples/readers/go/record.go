package main

import (
	"math"
	"regexp"
	"strings"
)

// A run is the fold of the records that were read so far (section 8).
type run struct {
	members map[string]any                 // those that are said as a whole, unknown ones too
	entries map[string]map[string]any      // parameters, properties, source, environment, artifacts
	points  map[string]map[string]*columns // series, text, images, histograms
	tags    map[string]bool                // false: taken back
}

func newRun() *run {
	return &run{map[string]any{}, map[string]map[string]any{}, map[string]map[string]*columns{}, map[string]bool{}}
}

// A field reads a member that says something. It gives nil if there is nothing to keep.
type field func(*node) any

// recordFields are the members of a record. Those without a field are read before the others.
func (r *reader) recordFields() map[string]field {
	fields := map[string]field{
		"runjson": nil, "project": nil, "id": nil, "writer": nil, "step": nil, "time": nil, "untags": nil,
		"name": r.text, "description": r.text, "group": r.text,
		"started_at": r.timeText, "ended_at": r.timeText,
		"status":     r.oneOf("running", "succeeded", "failed", "aborted"),
		"error":      r.failure,
		"parent":     r.parent,
		"tags":       func(n *node) any { return r.tags(n, true) },
		"parameters": r.within("parameters", r.parameters),
		"artifacts":  r.within("artifacts", r.artifacts),
		"series":     r.columnsOf("series", r.numberPoint, false),
		"text":       r.columnsOf("text", r.textPoint, false),
		"images":     r.columnsOf("images", r.image, true),
		"histograms": r.columnsOf("histograms", r.histogram, true),
		"$schema":    func(n *node) any { r.text(n); return nil },
	}
	for _, name := range []string{"properties", "source", "environment"} {
		fields[name] = r.within(name, r.properties)
	}
	return fields
}

// record checks a record and folds it into the run.
func (r *reader) record(rec *node) {
	r.version(rec)
	r.identity(rec, "project", "RJ108", isName)
	r.identity(rec, "id", "RJ109", idPattern.MatchString)
	r.identity(rec, "writer", "RJ109", func(s string) bool { return s == "~" || idPattern.MatchString(s) })
	if r.first && rec.said("id") == nil && (r.stream || rec.said("writer") != nil) {
		r.err("RJ110", rec)
	}
	r.step, r.time = nil, nil
	if n := rec.said("step"); n != nil {
		r.step = r.stepValue(n)
	}
	if n := rec.said("time"); n != nil {
		r.time = r.timeValue(n)
	}
	if n := rec.said("untags"); n != nil {
		r.tags(n, false)
	}
	r.readInto(rec, r.members, r.run.members)
}

// readInto reads the known members of one object, and keeps the unknown ones (section 11).
func (r *reader) readInto(n *node, known map[string]field, into map[string]any) {
	for i, name := range n.names {
		item := n.items[i]
		read, isKnown := known[name]
		if !isKnown && item.kind != null {
			if !strings.Contains(name, ":") {
				r.unknown(item)
			}
			into[name] = r.value(item)
		} else if read != nil && !item.saysNothing() {
			if value := read(item); value != nil {
				into[name] = value
			}
		}
	}
}

// fields gives the members of an object that is kept as a whole.
func (r *reader) fields(n *node, known map[string]field) map[string]any {
	out := map[string]any{}
	r.readInto(n, known, out)
	return out
}

func (r *reader) unknown(n *node) {
	inRecord := n.parent.parent == nil
	if r.newer || r.lenient && !(inRecord && holdsData(n)) {
		r.warn("RJ105", n)
	} else {
		r.err("RJ105", n)
	}
}

// holdsData says whether a value is a number or an object, at any depth of arrays.
func holdsData(n *node) bool {
	if n.kind != array {
		return n.kind == number || n.kind == object
	}
	for _, item := range n.items {
		if holdsData(item) {
			return true
		}
	}
	return false
}

var versionPattern = regexp.MustCompile(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$`)

func (r *reader) version(rec *node) {
	n := rec.said("runjson")
	if n == nil {
		if r.first {
			r.err("RJ101", rec)
		}
		return
	}
	m := versionPattern.FindStringSubmatch(n.text)
	if n.kind != text || m == nil {
		r.err("RJ102", n)
		return
	}
	if m[1] != "1" {
		r.err("RJ103", n)
		return
	}
	if m[2] != "0" && !r.newer {
		r.newer = true
		r.warn("RJ104", n)
	}
	// Without leading zeros, the longer of two numbers is the greater one.
	old, _ := r.run.members["runjson"].(string)
	if len(n.text) > len(old) || len(n.text) == len(old) && n.text > old {
		r.run.members["runjson"] = n.text
	}
}

// identity reads project, id or writer: said in the first record or nowhere.
func (r *reader) identity(rec *node, name, code string, ok func(string) bool) {
	n := rec.said(name)
	if n == nil || r.text(n) == nil {
		return
	}
	if !ok(n.text) {
		r.err(code, n)
	} else if r.first {
		r.run.members[name] = n.text
	} else if r.run.members[name] != n.text {
		r.err("RJ111", n)
	}
}

func (r *reader) text(n *node) any {
	if n.kind == text {
		return n.text
	}
	r.err("RJ106", n)
	return nil
}

func (r *reader) oneOf(words ...string) field {
	return func(n *node) any {
		if r.text(n) == nil {
			return nil
		}
		for _, word := range words {
			if n.text == word {
				return word
			}
		}
		r.err("RJ107", n)
		return nil
	}
}

func (r *reader) timeText(n *node) any {
	normal := normalTime(n.text)
	if r.text(n) != nil && normal == "" {
		r.err("RJ117", n)
	}
	return normal
}

// failure reads the member error.
func (r *reader) failure(n *node) any {
	if n.kind == text {
		return map[string]any{"message": n.text}
	}
	out := map[string]any{}
	if r.isObject(n) {
		out = r.fields(n, map[string]field{"type": r.text, "message": r.text, "traceback": r.traceback})
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (r *reader) isObject(n *node) bool {
	if n.kind != object {
		r.err("RJ106", n)
	}
	return n.kind == object
}

func (r *reader) traceback(n *node) any {
	var joined strings.Builder
	for i, line := range n.list() {
		r.text(line)
		if i > 0 && !strings.HasSuffix(n.items[i-1].text, "\n") {
			joined.WriteByte('\n')
		}
		joined.WriteString(line.text)
	}
	return joined.String()
}

func (r *reader) parent(n *node) any {
	if !r.isObject(n) {
		return nil
	}
	if n.said("id") == nil {
		r.err("RJ110", n)
	}
	return r.fields(n, map[string]field{"step": r.stepValue, "id": func(id *node) any {
		if r.text(id) != nil && !idPattern.MatchString(id.text) {
			r.err("RJ109", id)
		}
		return id.text
	}})
}

func (r *reader) stepValue(n *node) any {
	if n.kind != number {
		r.err("RJ114", n)
		return nil
	}
	return r.double(n)
}

func (r *reader) timeValue(n *node) any {
	time, ok := r.stepValue(n).(point)
	if !ok {
		return nil
	}
	if size := math.Abs(float64(time)); size > 1e11 {
		r.err("RJ204", n)
	} else if size < 1e8 {
		r.warn("RJ205", n)
	}
	return time
}

func (r *reader) tags(n *node, set bool) any {
	for _, tag := range n.list() {
		if tag.kind != text || tag.text == "" {
			r.err("RJ106", tag)
		}
		r.run.tags[tag.text] = set
	}
	return nil
}

// within folds an object of entries into those that the run has under that name.
func (r *reader) within(member string, fold func(into map[string]any, n *node)) field {
	r.run.entries[member] = map[string]any{}
	return func(n *node) any {
		if r.isObject(n) {
			fold(r.run.entries[member], n)
		}
		return nil
	}
}

func (r *reader) checkNames(n *node) {
	for i, name := range n.names {
		if !isName(name) {
			r.err("RJ108", n.items[i])
		}
	}
}

func (r *reader) properties(into map[string]any, n *node) {
	r.checkNames(n)
	for i, name := range n.names {
		into[name] = r.value(n.items[i])
	}
}

func (r *reader) artifacts(into map[string]any, n *node) {
	r.checkNames(n)
	for i, name := range n.names {
		item := n.items[i]
		if item.kind != null && item.saysNothing() {
			continue
		}
		delete(r.unopened, name) // the word before this one is not opened
		if item.kind == null {
			into[name] = nil
			continue
		}
		r.pending = nil
		into[name] = r.file(item, true)
		if r.pending != nil {
			r.unopened[name] = r.pending
		}
	}
}

// parameters merges namespaces. A leaf is written once.
func (r *reader) parameters(into map[string]any, n *node) {
	for i, name := range n.names {
		item := n.items[i]
		old, known := into[name]
		space, wasSpace := old.(map[string]any)
		isSpace := item.kind == object && !item.tagged()
		switch {
		case known && isSpace != wasSpace:
			r.err("RJ203", item)
		case isSpace:
			if !known {
				space = map[string]any{}
				into[name] = space
			}
			r.parameters(space, item)
		case !known:
			into[name] = r.value(item)
		case !equal(old, r.value(item)):
			r.err("RJ202", item)
		}
	}
}
