package formattest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
)

// brokenEnv has the process of a fault know it, and the part of the suite to run.
const brokenEnv = "SACCADE_FORMATTEST_FAULT"

// parts are what a fault may be found by.
var parts = map[string]func(t *testing.T){
	"reader": func(t *testing.T) {
		formattest.Reader(t, formattest.Sample{
			Format: madeName, Data: madeFile, Header: events.Header{Format: madeName, Geometry: events.Geometry{Width: 10, Height: 10}},
			Events: madeEvents, Ends: []int{17, 29, 41}, Head: len(madeHead), Clean: func(n int) bool { return n%4 == len(madeHead)%4 }, Skipped: map[string]int64{"mark": 1},
			Damage: []string{
				"made at byte 21: expected an event on the sensor, found 11 0",
				"made at byte 29: expected an event on the sensor, found 0 12",
				"made at byte 33: expected a polarity, found 2",
			},
		})
	},
	"writer": func(t *testing.T) { formattest.Writer(t, madeName, events.Geometry{}, madeEvents) },
	"corpus": func(t *testing.T) {
		g := events.Geometry{Width: 10, Height: 10}
		files := []formattest.File{{Name: "made.bin", About: "all", Format: madeName, Data: madeFile, Geometry: g, Events: madeEvents, Damaged: 3}}
		dir := t.TempDir()
		write := func(name, content string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		}
		write("made.bin", string(madeFile))
		write("corpus.json", madeManifest)
		switch os.Getenv(brokenEnv) {
		case "corpus/another file":
			write("made.bin", string(madeFile[:len(madeFile)-4]))
		case "corpus/a file more":
			write("more.bin", "")
		case "corpus/another manifest":
			write("corpus.json", strings.Replace(madeManifest, `"events": 3`, `"events": 4`, 1))
		case "corpus/another meaning":
			files[0].Events = madeEvents[:2]
		case "corpus/a cut":
			files[0].Cut = true
		}
		formattest.Corpus(t, dir, files)
	},
}

// TestFault is what the process of a fault runs; by itself it is the suite on what is sound.
func TestFault(t *testing.T) {
	part, fault, broken := strings.Cut(os.Getenv(brokenEnv), "/")
	events.RegisterFormat(madeFormat(fault))
	for name, run := range parts {
		if !broken || name == part {
			t.Run(name, run)
		}
	}
}

// A suite that finds nothing is worth nothing: here are readers, writers and corpora that
// are wrong in one way each, and what it must say to them. It says so in a process of
// its own, as the test there has to fail.
func TestSuiteFinds(t *testing.T) {
	if testing.Short() {
		t.Skip("processes of their own, under an emulator")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	for fault, says := range map[string]string{
		"reader/takes any geometry":          "TestFault/reader/geometry",
		"reader/calls a cut the end":         "TestFault/reader/cut_off",
		"reader/takes any error for the end": "TestFault/reader/the_source_fails",
		"reader/drops what was before":       "TestFault/reader/the_source_fails",
		"reader/takes nothing for the end":   "TestFault/reader/boundaries",
		"reader/counts nothing":              "no counts are an empty map",
		"reader/depends on the packet":       "TestFault/reader/boundaries",
		"writer/takes any geometry":          "TestFault/writer/geometry",
		"writer/writes as it is called":      "TestFault/writer/parts",
		"writer/writes behind a hole":        "bytes behind the hole",
		"writer/tells of errors late":        "what fails while events are written is told there",
		"writer/hides errors":                "TestFault/writer/errors",
		"corpus/another file":                "made.bin is not what the generator makes",
		"corpus/a file more":                 "more.bin: the generator does not make it",
		"corpus/another manifest":            "what the files hold",
		"corpus/another meaning":             "made.bin",
		"corpus/a cut":                       "made.bin: EOF",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			c := exec.CommandContext(t.Context(), self, "-test.run", "^TestFault$")
			c.Env = append(os.Environ(), brokenEnv+"="+fault)
			out, err := c.CombinedOutput()
			require.Error(t, err, "the suite found nothing:\n%s", out)
			require.Contains(t, string(out), says)
		})
	}
}

const madeManifest = `[
	{
		"file": "made.bin",
		"format": "made",
		"about": "all",
		"width": 10,
		"height": 10,
		"events": 3,
		"on": 2,
		"first": {
			"t": 1,
			"x": 2,
			"y": 3,
			"on": 1
		},
		"last": {
			"t": 6,
			"x": 9,
			"y": 9,
			"on": 1
		},
		"digest": {
			"t": "e6dde0b635fdac1104821f44933ae01fd1701876a289248a17404cbc",
			"x": "4503ac75a16c6d0ee8773e5e3ebb67b4ee64e91db4bc3ba02f7bd5c5",
			"y": "95b84f27dc267e03893e3cf91e1fa9763fb64f7c058a139a0f77a75e",
			"on": "076829fec74dd179efeb8aaba5f5e8d8840e289e149755bab91fce06"
		},
		"skipped": {
			"mark": 1
		},
		"damage": [
			"made at byte 21: expected an event on the sensor, found 11 0",
			"made at byte 29: expected an event on the sensor, found 0 12",
			"made at byte 33: expected a polarity, found 2"
		],
		"end": ""
	}
]
`
