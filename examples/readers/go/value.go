package main

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Values (5.2) are Go values: nil, bool, string, *big.Int, float64, moment, []any and
// map[string]any. What is not a value but a double, such as a step, is a point.
type (
	point  float64
	moment string // a time text, normalised
)

var (
	integerPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,999})$`)
	idPattern      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	plainPattern   = regexp.MustCompile(`^[^\x{00}-\x{1f}\x{7f}-\x{9f}]+$`) // no control characters
	timePattern    = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?)` +
		`(?:[Zz]|([+-](?:[01]\d|2[0-3])):?([0-5]\d))$`)

	nonFiniteTexts = map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}
)

// double gives the double nearest to a number, or reports it as too large.
func (r *reader) double(n *node) point {
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil {
		r.err("RJ006", n)
	}
	if f == 0 {
		f = 0 // not -0
	}
	return point(f)
}

// value reads any value.
func (r *reader) value(n *node) any {
	switch n.kind {
	case boolean:
		return n.text == "true"
	case text:
		return n.text
	case number:
		return r.numberValue(n)
	case array:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = r.value(item)
		}
		return list
	case object:
		if n.tagged() {
			return r.taggedValue(n)
		}
		return r.values(n)
	}
	return nil
}

// values reads an object that is never tagged.
func (r *reader) values(n *node) map[string]any {
	out := make(map[string]any, len(n.items))
	for i, item := range n.items {
		out[n.names[i]] = r.value(item)
	}
	return out
}

func (r *reader) numberValue(n *node) any {
	if integerPattern.MatchString(n.text) {
		return toInteger(n.text)
	}
	f := float64(r.double(n))
	if f != math.Trunc(f) || math.Abs(f) >= 1e21 {
		return f
	}
	digits, _, _ := strings.Cut(strconv.FormatFloat(math.Abs(f), 'e', -1, 64), "e")
	if math.Abs(f) >= 9e15 && len(digits) > len("1.2345") {
		r.warn("RJ207", n)
	}
	return toInteger(strconv.FormatFloat(f, 'f', 0, 64))
}

func toInteger(digits string) *big.Int {
	integer, _ := new(big.Int).SetString(digits, 10)
	return integer
}

// tagged says whether a value is an object of one member that is named as a tag.
func (n *node) tagged() bool {
	return n.kind == object && len(n.names) == 1 &&
		(n.names[0] == "$float" || n.names[0] == "$int" || n.names[0] == "$datetime")
}

func (r *reader) taggedValue(n *node) any {
	content := n.items[0].text
	if n.items[0].kind == text {
		if f, ok := nonFiniteTexts[content]; ok && n.names[0] == "$float" {
			return f
		}
		if n.names[0] == "$int" && integerPattern.MatchString(content) {
			return toInteger(content)
		}
		if normal := normalTime(content); normal != "" && n.names[0] == "$datetime" {
			return moment(normal)
		}
	}
	r.err("RJ116", n)
	return nil
}

// normalTime gives the normal form of a time text (5.5), or nothing if it is none.
func normalTime(s string) string {
	m := timePattern.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	if day, err := time.Parse("2006-01-02", m[1]); err != nil || day.Year() == 0 {
		return "" // the calendar lacks it
	}
	if m[3] == "" {
		return m[1] + "T" + m[2] + "Z"
	}
	return m[1] + "T" + m[2] + m[3] + ":" + m[4]
}

// isName says whether a text is a name (5.4).
func isName(s string) bool {
	for _, segment := range strings.Split(s, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return len(s) <= 1024 && plainPattern.MatchString(s)
}
