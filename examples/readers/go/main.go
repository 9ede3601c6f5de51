// Command runjson-reader reads one run file and says whether it is valid.
//
// It takes the bytes of the run file on standard input and its name as argument.
// It prints the verdict, the findings and the canonical form as one JSON object.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

type answer struct {
	Valid     bool      `json:"valid"`
	Findings  []finding `json:"findings"`
	Canonical string    `json:"canonical,omitempty"`
}

func main() {
	lenient := flag.Bool("lenient", false, "take unknown members with a warning")
	noFiles := flag.Bool("no-files", false, "do not open the files that the run names")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: runjson-reader [-lenient] [-no-files] NAME < FILE")
		os.Exit(2)
	}
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	r := newReader(data, flag.Arg(0))
	r.lenient = *lenient
	r.openFiles = !*noFiles
	r.read()

	out := answer{Valid: r.errors == 0, Findings: r.findings}
	if out.Valid {
		out.Canonical = r.run.canonical()
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		fail(err)
	}
	if !out.Valid {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "runjson-reader:", err)
	os.Exit(2)
}
