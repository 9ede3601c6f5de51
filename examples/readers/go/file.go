package main

import (
	"encoding/base64"
	"regexp"
	"strings"
)

var (
	sha256Pattern = regexp.MustCompile(`^[0-9A-Fa-f]{64}$`)
	badStart      = regexp.MustCompile(`^(data:|[A-Za-z]:)`)
	whiteSpace    = strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "")
)

// file reads a file (section 7). A text is its path.
func (r *reader) file(n *node, artifact bool) any {
	if n.kind == text {
		out := map[string]any{"path": r.path(n)}
		r.openAt(n, n, out, artifact)
		return out
	}
	if n.kind != object {
		r.err("RJ113", n)
		return nil
	}
	out := r.fields(n, map[string]field{
		"path": r.path, "data": r.base64, "uri": r.text, "media_type": r.text, "description": r.text,
		"sha256": r.sha256, "bytes": r.size("RJ120"), "width": r.size("RJ106"), "height": r.size("RJ106"),
		"metadata": r.metadata,
	})
	given := 0
	for _, name := range []string{"path", "data", "uri"} {
		if n.said(name) != nil {
			given++
		}
	}
	path, data := n.said("path"), n.said("data")
	switch {
	case given != 1 || data != nil && n.said("media_type") == nil:
		r.err("RJ118", n)
	case path != nil:
		r.openAt(n, path, out, artifact)
	case data != nil:
		r.compareData(n, data, out, artifact)
	}
	return out
}

// path checks a path, and drops what is empty in it (7.1).
func (r *reader) path(n *node) any {
	if r.text(n) == nil {
		return nil
	}
	ok := plainPattern.MatchString(n.text) && !strings.Contains(n.text, `\`) && !badStart.MatchString(n.text)
	var kept []string
	for _, segment := range strings.Split(strings.TrimSuffix(n.text, "/"), "/") {
		if segment == "" || segment == ".." {
			ok = false
		} else if segment != "." {
			kept = append(kept, segment)
		}
	}
	normal := strings.Join(kept, "/")
	// ./C:/a is refused too: its canonical form would be.
	if !ok || normal == "" || badStart.MatchString(normal) {
		r.err("RJ119", n)
		return nil
	}
	return normal
}

func (r *reader) base64(n *node) any {
	data := whiteSpace.Replace(n.text)
	if _, err := base64.StdEncoding.DecodeString(data); r.text(n) != nil && err != nil {
		r.err("RJ121", n)
	}
	return data
}

func (r *reader) sha256(n *node) any {
	if n.kind != text || !sha256Pattern.MatchString(n.text) {
		r.err("RJ120", n)
	}
	return strings.ToLower(n.text)
}

// size reads a whole number of 0 to 2^53 - 1.
func (r *reader) size(code string) field {
	return func(n *node) any {
		if n.kind == number {
			if f := r.double(n); f >= 0 && f < 1<<53 && f == point(int64(f)) {
				return f
			}
		}
		r.err(code, n)
		return nil
	}
}

func (r *reader) metadata(n *node) any {
	if !r.isObject(n) {
		return nil
	}
	return r.values(n)
}
