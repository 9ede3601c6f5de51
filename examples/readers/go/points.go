package main

import (
	"math"
	"regexp"
)

// columns are the points of one name, each with its step and time, or nil.
type columns struct {
	values, steps, times []any
	other                map[string]any // unit, goal, and so on
}

// columnsOf reads series, text, images or histograms. Where a point is an object,
// columns are told from it by their member values.
func (r *reader) columnsOf(member string, point field, pointIsObject bool) field {
	into := map[string]*columns{}
	r.run.points[member] = into
	return func(n *node) any {
		if !r.isObject(n) {
			return nil
		}
		r.checkNames(n)
		for i, name := range n.names {
			if into[name] == nil {
				into[name] = &columns{other: map[string]any{}}
			}
			item := n.items[i]
			if item.kind != object || pointIsObject && item.get("values") == nil {
				r.append(into[name], item, nil, nil, point)
			} else if !item.saysNothing() {
				r.columns(into[name], item, point)
			}
		}
		return nil
	}
}

func (r *reader) columns(c *columns, n *node, point field) {
	r.readInto(n, map[string]field{
		"values": nil, "steps": nil, "times": nil,
		"unit": r.text, "description": r.text, "media_type": r.text,
		"goal": r.oneOf("minimize", "maximize"),
		"x": func(n *node) any {
			if r.text(n) != nil && !isName(n.text) {
				r.err("RJ108", n)
			}
			return n.text
		},
	}, c.other)
	if values := n.get("values"); values != nil {
		r.append(c, values, n.get("steps"), n.get("times"), point)
	} else {
		r.err("RJ115", n)
	}
}

// append appends points to columns.
func (r *reader) append(c *columns, values, steps, times *node, point field) {
	var list []*node
	if !isEmptyObject(values) {
		list = values.list()
	}
	for _, item := range list {
		if item.kind == null {
			r.err("RJ112", item)
		} else {
			c.values = append(c.values, point(item))
		}
	}
	c.steps = append(c.steps, r.beside(len(list), steps, r.stepValue, r.step)...)
	c.times = append(c.times, r.beside(len(list), times, r.timeValue, r.time)...)
}

func isEmptyObject(n *node) bool { return n.kind == object && len(n.items) == 0 }

// beside gives the steps or times of count points. own is the record's step or time.
func (r *reader) beside(count int, n *node, read field, own any) []any {
	out := make([]any, count)
	if n == nil || n.kind == null || isEmptyObject(n) {
		for i := range out {
			out[i] = own
		}
		return out
	}
	list := n.list()
	if len(list) != count {
		r.err("RJ201", n)
		return nil
	}
	for i, item := range list {
		if item.kind != null {
			out[i] = read(item)
		}
	}
	return out
}

func (r *reader) textPoint(n *node) any {
	if n.kind != text {
		r.err("RJ113", n)
	}
	return n.text
}

func (r *reader) numberPoint(n *node) any {
	value, ok := r.number(n)
	if !ok {
		r.err("RJ113", n)
	}
	return value
}

func (r *reader) image(n *node) any { return r.file(n, false) }

var unusual = regexp.MustCompile(`^([+-]?)(?i:(nan)|inf|infinity)$`)

// number reads a number, or a text that stands for one that JSON lacks.
func (r *reader) number(n *node) (point, bool) {
	if n.kind == number {
		return r.double(n), true
	}
	if n.kind != text {
		return 0, false
	}
	if f, ok := nonFiniteTexts[n.text]; ok {
		return point(f), true
	}
	m := unusual.FindStringSubmatch(n.text)
	if m == nil {
		return 0, false
	}
	r.warn("RJ206", n)
	if m[2] != "" {
		return point(math.NaN()), true
	}
	if m[1] == "-" {
		return point(math.Inf(-1)), true
	}
	return point(math.Inf(1)), true
}

// histogram reads n + 1 edges that never fall, and n counts.
func (r *reader) histogram(n *node) any {
	if n.kind != object {
		r.err("RJ113", n)
		return nil
	}
	out := r.fields(n, map[string]field{"edges": r.numbers, "counts": r.numbers})
	edges, _ := out["edges"].([]any)
	counts, _ := out["counts"].([]any)
	ok := len(counts) >= 1 && len(edges) == len(counts)+1
	for i, e := range edges {
		edge := float64(e.(point))
		inside := i > 0 && i < len(edges)-1
		falls := i > 0 && edge < float64(edges[i-1].(point))
		if math.IsNaN(edge) || inside && math.IsInf(edge, 0) || falls {
			ok = false
		}
	}
	for _, count := range counts {
		if math.IsInf(float64(count.(point)), 0) {
			ok = false
		}
	}
	if !ok {
		r.err("RJ122", n)
	}
	return out
}

// numbers reads the edges or counts of a histogram. It gives nil if one of them is no number.
func (r *reader) numbers(n *node) any {
	var out []any
	for _, item := range n.list() {
		value, ok := r.number(item)
		if !ok {
			return nil
		}
		out = append(out, value)
	}
	return out
}
