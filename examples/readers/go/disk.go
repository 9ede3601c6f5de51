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

// openPath looks at the file that a path leads to. n is the file, at is its path.
func (r *reader) openPath(n, at *node, said map[string]any, artifact bool) {
	path, ok := said["path"].(string)
	if !ok || !r.openFiles {
		return
	}
	folder, err := filepath.Abs(filepath.Dir(r.name))
	if err == nil {
		folder, err = filepath.EvalSymlinks(folder)
	}
	full, missing := filepath.EvalSymlinks(filepath.Join(folder, filepath.FromSlash(path)))
	if err != nil || missing != nil {
		r.err("RJ301", at)
		return
	}
	relative, err := filepath.Rel(folder, full)
	if err != nil || relative == ".." || strings.HasPrefix(relative, "../") {
		r.err("RJ302", at)
		return
	}
	info, err := os.Stat(full)
	if err == nil && info.IsDir() && artifact {
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
