package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/saccade-dev/saccade/daemon/command"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"saccade": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(command.Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
	}})
}

// TestScripts runs the commands as they are run: as processes, with their exit
// codes and what they print.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("SACCADE_DATA", os.Getenv("SACCADE_DATA"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "data":
				return os.Getenv("SACCADE_DATA") != "", nil
			case "race":
				return underRace, nil
			}
			return false, fmt.Errorf("unknown condition %s", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "json": jsonObjects, "number": number, "content": content,
			"truncate": truncate, "digests": digests, "sametree": sameTree, "clean": clean,
		},
	})
}

// exits CODE PROGRAM ARGS... runs a program that ends with just this code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	var ee *exec.ExitError
	switch {
	case errors.As(err, &ee):
		code = ee.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("expected exit code %d, found %d", want, code)
	}
}

// keys gives the keys of a JSON object in their order; the text must hold it and
// nothing else.
func keys(line string) ([]string, error) {
	d := json.NewDecoder(strings.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("expected an object, found %q", line)
	}
	var out []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		out = append(out, name)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("expected one object, found more behind it")
	}
	return out, nil
}

// json N KEYS... checks that stdout is N lines, each of them a JSON object with
// these keys in this order.
func jsonObjects(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: json N KEYS...")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile("stdout")
	lines := strings.SplitAfter(text, "\n")
	if len(lines) != n+1 || lines[n] != "" {
		ts.Fatalf("expected %d whole lines on stdout, found %q", n, text)
	}
	for _, line := range lines[:n] {
		found, err := keys(line)
		ts.Check(err)
		if !slices.Equal(found, args[1:]) {
			ts.Fatalf("expected an object of\n%q, found one of\n%q", args[1:], found)
		}
	}
}

// number PATH OP VALUE compares a number in the JSON object on stdout.
func number(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: number PATH OP VALUE")
	}
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &value))
	for _, key := range strings.Split(args[0], ".") {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	got, ok := value.(float64)
	if !ok {
		ts.Fatalf("%s: expected a number, found %v", args[0], value)
	}
	want, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	holds, ok := map[string]bool{"=": got == want, "<": got < want, ">": got > want, ">=": got >= want}[args[1]]
	if !ok || !holds {
		ts.Fatalf("%s: expected %s %v, found %v", args[0], args[1], want, got)
	}
}

// content KIND FILE writes a file of the kind.
func content(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: content KIND FILE")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 10_000)
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	var recording []byte
	for i := range 1000 {
		recording = append(recording, byte(i%34), byte(i%33), 0x80*byte(i%2)|byte(i*10>>16), byte(i*10>>8), byte(i*10))
	}
	kinds := map[string][]byte{
		"random":    random,
		"zeros":     make([]byte, 5000),
		"ones":      bytes.Repeat([]byte{0xff}, 5000),
		"text":      []byte("This is not a recording, but a text that is long enough to look at.\n"),
		"png":       append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), random[:100]...),
		"evt3":      append([]byte("% evt 3.0\n% format EVT3;height=720;width=1280\n% end\n"), random[:1000]...),
		"empty":     {},
		"recording": recording,
	}
	b, ok := kinds[args[0]]
	if !ok {
		ts.Fatalf("unknown kind %s: known are %v", args[0], slices.Sorted(maps.Keys(kinds)))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o600))
}

// truncate FILE N cuts a file after N bytes.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate FILE N")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// clean DIR checks that a folder is empty or not there.
func clean(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: clean DIR")
	}
	found, err := os.ReadDir(ts.MkAbs(args[0]))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		ts.Fatalf("%v", err)
	}
	for _, f := range found {
		ts.Fatalf("expected nothing in %s, found %s", args[0], f.Name())
	}
}

// sametree A B checks that two folders hold the same files with the same content.
func sameTree(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] sametree A B")
	}
	a, b := tree(ts, args[0]), tree(ts, args[1])
	if len(a) == 0 {
		ts.Fatalf("%s has no files", args[0])
	}
	if same := maps.Equal(a, b); same == neg {
		ts.Fatalf("%s and %s: the same is %v", args[0], args[1], same)
	}
}

func tree(ts *testscript.TestScript, dir string) map[string]string {
	out := map[string]string{}
	files := os.DirFS(ts.MkAbs(dir))
	ts.Check(fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, path)
		out[path] = string(b)
		return err
	}))
	return out
}

// digests ROW checks the JSON object of `inspect --digest` on stdout against a row
// of $SACCADE_DATA/recordings.tsv.
func digests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: digests ROW")
	}
	table, err := os.ReadFile(ts.Getenv("SACCADE_DATA") + "/recordings.tsv")
	ts.Check(err)
	var row []string
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, args[0]+"\t") {
			row = strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		}
	}
	if row == nil {
		ts.Fatalf("recordings.tsv has no row of %s", args[0])
	}
	type event struct{ T, X, Y, On int64 }
	var s struct {
		Width, Height *int
		Events, On    int64
		First, Last   event
		BackwardSteps int64             `json:"backward_steps"`
		Duration      int64             `json:"duration_us"`
		Digest        map[string]string `json:"digest"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &s))
	size := "-"
	if s.Width != nil {
		size = fmt.Sprintf("%dx%d", *s.Width, *s.Height)
	}
	text := func(e event) string { return fmt.Sprintf("%d %d %d %d", e.T, e.X, e.Y, e.On) }
	found := []string{
		fmt.Sprint(s.Events), text(s.First), text(s.Last), size, fmt.Sprint(s.On), fmt.Sprint(s.BackwardSteps),
		s.Digest["t"], s.Digest["x"], s.Digest["y"], s.Digest["on"],
	}
	want := slices.Concat(row[2:7], row[10:15])
	if !slices.Equal(found, want) {
		ts.Fatalf("expected\n%q, found\n%q", want, found)
	}
	if s.Duration != s.Last.T-s.First.T {
		ts.Fatalf("expected a duration of %d us, found %d", s.Last.T-s.First.T, s.Duration)
	}
}
