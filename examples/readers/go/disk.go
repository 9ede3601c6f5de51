package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
)

// This part is for the level files: it looks at the bytes of files.

// openAt looks at the file that a path leads to, that of an artifact at the end: it may be named anew until then.
// n is the file, at is its path.
func (r *reader) openAt(n, at *node, said map[string]any, artifact bool) {
	path, ok := said["path"].(string)
	if !ok || !r.openFiles {
		return
	}
	if artifact {
		r.pending = func() { r.open(n, at, path, said, true) }
	} else {
		r.open(n, at, path, said, false)
	}
}

func (r *reader) open(n, at *node, path string, said map[string]any, artifact bool) {
	folder, err := filepath.Abs(filepath.Dir(r.name))
	if err == nil {
		folder, err = filepath.EvalSymlinks(folder)
	}
	if err != nil {
		r.err("RJ301", at)
		return
	}
	full, missing := filepath.EvalSymlinks(filepath.Join(folder, filepath.FromSlash(path)))
	if missing != nil {
		if leadsOutside(folder, filepath.Join(folder, filepath.FromSlash(path))) {
			r.err("RJ302", at)
		} else {
			r.err("RJ301", at)
		}
		return
	}
	if !inside(folder, full) {
		r.err("RJ302", at)
		return
	}
	info, err := os.Stat(full)
	if err == nil && info.IsDir() && artifact {
		r.openBelow(folder, full, at)
		return
	}
	if err == nil && !info.Mode().IsRegular() {
		r.err("RJ305", at)
		return
	}
	content, err := os.ReadFile(full)
	if err != nil {
		r.err("RJ301", at)
		return
	}
	r.compare(n, at, said, content, artifact)
}

// openBelow looks at the files below a directory (7.2).
func (r *reader) openBelow(folder, directory string, at *node) {
	filepath.WalkDir(directory, func(path string, _ os.DirEntry, err error) error {
		if full, missing := filepath.EvalSymlinks(path); err == nil && (missing != nil && leadsOutside(folder, path) || missing == nil && !inside(folder, full)) {
			r.err("RJ302", at)
		}
		return nil
	})
}

func inside(folder, full string) bool {
	relative, err := filepath.Rel(folder, full)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, "../")
}

// leadsOutside says of a path at whose end there is nothing whether its links lead out of the folder.
func leadsOutside(folder, path string) bool {
	for links := 0; links < 40; links++ {
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if parent, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(parent, filepath.Base(path))
	}
	return !inside(folder, path)
}

// compareData looks at the bytes that stand in the run file.
func (r *reader) compareData(n, at *node, said map[string]any, artifact bool) {
	if content, err := base64.StdEncoding.DecodeString(said["data"].(string)); err == nil {
		r.compare(n, at, said, content, artifact)
	}
}

// compare holds what is said of a file against its bytes.
func (r *reader) compare(n, at *node, said map[string]any, content []byte, artifact bool) {
	sum := sha256.Sum256(content)
	if stated, ok := said["sha256"]; ok && stated != hex.EncodeToString(sum[:]) {
		r.err("RJ303", n.get("sha256"))
	}
	if stated, ok := said["bytes"]; ok && stated != point(len(content)) {
		r.err("RJ304", n.get("bytes"))
	}
	mediaType, _ := said["media_type"].(string)
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	mediaType = strings.TrimSpace(mediaType)
	if mediaType == "image/jpg" {
		mediaType = "image/jpeg"
	}
	if artifact || mediaType != "" && !strings.HasPrefix(mediaType, "image/") {
		return
	}
	for _, format := range imageFormats {
		matches := len(content) >= format.at && bytes.HasPrefix(content[format.at:], []byte(format.magic))
		if matches && (mediaType == "" || mediaType == format.mediaType) {
			return
		}
	}
	r.warn("RJ306", at)
}

// What the files of the image formats hold at or near their beginning.
var imageFormats = []struct {
	mediaType string
	at        int
	magic     string
}{
	{"image/png", 0, "\x89PNG\r\n\x1a\n"},
	{"image/jpeg", 0, "\xff\xd8\xff"},
	{"image/gif", 0, "GIF8"},
	{"image/webp", 8, "WEBP"},
	{"image/bmp", 0, "BM"},
	{"image/tiff", 0, "II*\x00"},
	{"image/tiff", 0, "MM\x00*"},
	{"image/avif", 4, "ftypavif"},
	{"image/svg+xml", 0, "<svg"},
	{"image/svg+xml", 0, "<?xml"},
}
