package main

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxDepth  = 64
	maxDigits = 1000
)

type kind int

const (
	null kind = iota
	boolean
	number
	text
	array
	object
)

// A node is a JSON value and the place where it stands.
type node struct {
	kind   kind
	at     int      // where it begins in the file
	text   string   // the content of a text, or the spelling of a number or literal
	names  []string // the names of an object's members, beside items
	items  []*node
	parent *node
}

// get gives a member of an object, or nil.
func (n *node) get(name string) *node {
	for i, known := range n.names {
		if known == name {
			return n.items[i]
		}
	}
	return nil
}

// said gives a member that says something, or nil.
func (n *node) said(name string) *node {
	if m := n.get(name); m != nil && !m.saysNothing() {
		return m
	}
	return nil
}

// saysNothing holds for null, {} and [].
func (n *node) saysNothing() bool {
	return n.kind == null || n.kind >= array && len(n.items) == 0
}

// list reads one value as an array of one.
func (n *node) list() []*node {
	if n.kind == array {
		return n.items
	}
	return []*node{n}
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointer gives the JSON pointer from the record to a value.
func (n *node) pointer() *string {
	pointer := ""
	for ; n.parent != nil; n = n.parent {
		i := 0
		for n.parent.items[i] != n {
			i++
		}
		step := strconv.Itoa(i)
		if n.parent.kind == object {
			step = pointerEscapes.Replace(n.parent.names[i])
		}
		pointer = "/" + step + pointer
	}
	return &pointer
}

// scan finds the JSON value that data begins with. It asks for the grammar alone.
// It gives the place of what stands behind the value, or of the fault, and an error.
// The error is io.ErrUnexpectedEOF where the text ends too early.
func scan(data []byte) (int, error) {
	var raw json.RawMessage
	decoder := json.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&raw)
	if wrong, ok := err.(*json.SyntaxError); ok {
		return int(wrong.Offset) - 1, err
	}
	if err != nil {
		return len(data), err
	}
	behind := bytes.TrimLeft(data[decoder.InputOffset():], " \t\r\n")
	return len(data) - len(behind), nil
}

// A builder makes nodes of text that scan took.
//
// The decoder of Go takes a name twice and half a surrogate pair, and does not
// say where a value begins. So the builder looks at each token itself.
type builder struct {
	decoder *json.Decoder
	data    []byte
	start   int // where data begins in the file
	fault   func(code string, at int)
}

// build makes a node of data, and reports what is wrong beyond the grammar.
func build(data []byte, start int, fault func(code string, at int)) *node {
	b := builder{decoder: json.NewDecoder(bytes.NewReader(data)), data: data, start: start, fault: fault}
	b.decoder.UseNumber()
	return b.value(1)
}

// token gives the next token, how it is spelled and where it begins.
func (b *builder) token() (json.Token, []byte, int) {
	before := int(b.decoder.InputOffset())
	token, err := b.decoder.Token()
	if err != nil && err != io.EOF {
		panic(err) // scan took this text
	}
	spelled := bytes.TrimLeft(b.data[before:b.decoder.InputOffset()], " \t\r\n,:")
	at := b.start + int(b.decoder.InputOffset()) - len(spelled)
	if _, ok := token.(string); ok && halfPair(spelled) {
		b.fault("RJ008", at)
	}
	return token, spelled, at
}

func (b *builder) value(depth int) *node {
	token, spelled, at := b.token()
	n := &node{at: at, text: string(spelled)}
	switch token := token.(type) {
	case bool:
		n.kind = boolean
	case string:
		n.kind, n.text = text, token
	case json.Number:
		n.kind = number
		if bytes.ContainsAny(spelled, ".eE") {
			if _, err := token.Float64(); err != nil {
				b.fault("RJ006", at)
			}
		} else if len(bytes.TrimPrefix(spelled, []byte("-"))) > maxDigits {
			b.fault("RJ006", at)
		}
	case json.Delim:
		n.kind = array
		if token == '{' {
			n.kind = object
		}
		if depth == maxDepth+1 {
			b.fault("RJ009", at)
		}
		b.members(n, depth)
	}
	return n
}

// members reads what is inside an object or an array.
func (b *builder) members(n *node, depth int) {
	seen := map[string]bool{}
	for b.decoder.More() {
		if n.kind == object {
			token, _, at := b.token()
			name := token.(string)
			if seen[name] {
				b.fault("RJ007", at)
			}
			seen[name] = true
			n.names = append(n.names, name)
		}
		item := b.value(depth + 1)
		item.parent = n
		n.items = append(n.items, item)
	}
	b.token() // the closing bracket
}

var (
	escapes = regexp.MustCompile(`\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.`)
	half    = regexp.MustCompile(`^\\u[dD][89a-fA-F]..$`)
)

// halfPair says whether a text escapes a surrogate without its other half.
func halfPair(spelled []byte) bool {
	for _, escape := range escapes.FindAll(spelled, -1) {
		if half.Match(escape) {
			return true
		}
	}
	return false
}

// invalidUTF8 gives the place of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
