package main

import (
	"fmt"
	"math"
	"math/big"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
)

// canonical gives the canonical form of the fold (section 10).
func (r *run) canonical() string {
	out := map[string]any{}
	for name, value := range r.members {
		out[name] = value
	}
	for member, entries := range r.entries {
		if len(entries) > 0 {
			out[member] = entries
		}
	}
	for member, byName := range r.points {
		written := map[string]any{}
		for name, c := range byName {
			if len(c.values) > 0 || len(c.other) > 0 {
				written[name] = c.members()
			}
		}
		if len(written) > 0 {
			out[member] = written
		}
	}
	var tags []string
	for tag := range r.tags {
		tags = append(tags, tag)
	}
	sortUTF16(tags)
	for _, tag := range tags {
		member := "untags"
		if r.tags[tag] {
			member = "tags"
		}
		list, _ := out[member].([]any)
		out[member] = append(list, tag)
	}
	var w writer
	w.write(out)
	return w.String()
}

func (c *columns) members() map[string]any {
	out := map[string]any{"values": c.values}
	for name, value := range c.other {
		out[name] = value
	}
	for name, list := range map[string][]any{"steps": c.steps, "times": c.times} {
		for _, value := range list {
			if value != nil {
				out[name] = list
			}
		}
	}
	return out
}

// equal compares two values (5.2). Equal values have equal texts, if numbers are exact.
func equal(a, b any) bool {
	left, right := writer{exact: true}, writer{exact: true}
	left.write(a)
	right.write(b)
	return left.String() == right.String()
}

// A writer serialises values as RFC 8785 does.
type writer struct {
	strings.Builder
	exact bool // write each double that is whole as the integer that it equals
}

func (w *writer) write(v any) {
	switch v := v.(type) {
	case nil:
		w.WriteString("null")
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case string:
		w.text(v)
	case moment:
		w.tagged("$datetime", string(v))
	case *big.Int:
		if v.IsInt64() && v.Int64() > -1<<53 && v.Int64() < 1<<53 {
			w.WriteString(v.String())
		} else {
			w.tagged("$int", v.String())
		}
	case float64:
		if spelled := nonFiniteText(v); spelled != "" {
			w.tagged("$float", spelled)
		} else if w.exact && v == math.Trunc(v) {
			w.write(toInteger(strconv.FormatFloat(v, 'f', 0, 64)))
		} else {
			w.WriteString(formatDouble(v))
		}
	case point:
		if spelled := nonFiniteText(float64(v)); spelled != "" {
			w.text(spelled)
		} else {
			w.WriteString(formatDouble(float64(v)))
		}
	case []any:
		w.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				w.WriteByte(',')
			}
			w.write(item)
		}
		w.WriteByte(']')
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sortUTF16(names)
		w.WriteByte('{')
		for i, name := range names {
			if i > 0 {
				w.WriteByte(',')
			}
			w.text(name)
			w.WriteByte(':')
			w.write(v[name])
		}
		w.WriteByte('}')
	}
}

func (w *writer) tagged(tag, content string) { w.write(map[string]any{tag: content}) }

var shortEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`}

func (w *writer) text(s string) {
	w.WriteByte('"')
	for _, c := range s {
		if short, ok := shortEscapes[c]; ok {
			w.WriteString(short)
		} else if c < 0x20 {
			fmt.Fprintf(w, `\u%04x`, c)
		} else {
			w.WriteRune(c)
		}
	}
	w.WriteByte('"')
}

func nonFiniteText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return ""
}

// formatDouble prints a double as ECMAScript does.
func formatDouble(f float64) string {
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		return strings.Replace(strconv.FormatFloat(f, 'e', -1, 64), "e-0", "e-", 1) // 1e-7, not 1e-07
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// sortUTF16 sorts texts by their UTF-16 code units.
func sortUTF16(list []string) {
	sort.Slice(list, func(i, j int) bool {
		a, b := utf16.Encode([]rune(list[i])), utf16.Encode([]rune(list[j]))
		for k := 0; k < len(a) && k < len(b); k++ {
			if a[k] != b[k] {
				return a[k] < b[k]
			}
		}
		return len(a) < len(b)
	})
}
