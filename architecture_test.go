package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/saccade-dev/saccade"

// mayImport says for each room of the house which others it may import. A room
// that is missing here may not exist.
var mayImport = map[string][]string{
	"":           {"daemon"},
	"events":     {"events"},
	"hw":         {"events", "hw"},
	"sim":        {"events", "hw", "sim"},
	"features":   {"events", "hw", "features"},
	"daemon":     {"events", "hw", "sim", "features", "daemon"},
	"benchmarks": {"events", "hw", "sim", "features", "daemon", "benchmarks"},
}

// testsMayImport is what tests may import besides: a layer's test may look at
// what a simulated sensor sends, and that of a simulated accelerator at what the layer does.
var testsMayImport = map[string][]string{
	"features": {"sim"},
	"sim":      {"features"},
}

// top is everything at the top of the repository, each with its reason in
// ARCHITECTURE.md.
var top = []string{
	".ci", ".gitignore", ".golangci.yml", "ARCHITECTURE.md", "LICENSE", "README.md",
	"architecture_test.go", "benchmarks", "daemon", "events", "features", "go.mod", "go.sum", "hw", "main.go", "sim",
}

// eachGoFile calls f with every Go file's path below the root and its room.
func eachGoFile(t *testing.T, f func(file, room string)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata"):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(file, ".go"):
			room, _, below := strings.Cut(filepath.ToSlash(file), "/")
			if !below {
				room = ""
			}
			f(file, room)
		}
		return nil
	}))
}

func TestImportRules(t *testing.T) {
	eachGoFile(t, func(file, room string) {
		allowed, known := mayImport[room]
		require.True(t, known, "%s: a room %q is not part of the house", file, room)
		if strings.HasSuffix(file, "_test.go") {
			allowed = slices.Concat(allowed, testsMayImport[room])
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			rest, ours := strings.CutPrefix(name, module+"/")
			if !ours {
				continue
			}
			target, _, _ := strings.Cut(rest, "/")
			require.Contains(t, allowed, target, "%s imports %s: see the import rules in ARCHITECTURE.md", file, name)
		}
	})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	documented := map[string]bool{}
	eachGoFile(t, func(file, _ string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		dir := path.Dir(filepath.ToSlash(file))
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
		require.NoError(t, err)
		documented[dir] = documented[dir] || parsed.Doc != nil
	})
	for dir, ok := range documented {
		require.True(t, ok, "%s has no package comment", dir)
	}
}

func TestNothingElseAtTheTop(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	require.NoError(t, err)
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		if e.Name() == ".git" || e.Name() == "saccade-demo" || e.Name() == "saccade-report" || e.Name() == "saccade" {
			continue // git's own, and what the README's commands leave behind
		}
		require.Contains(t, top, e.Name(), "a new entry at the top is a design decision")
	}
	for _, name := range top {
		require.Contains(t, string(text), "`"+strings.TrimSuffix(name, "/"), "ARCHITECTURE.md does not say why %s is there", name)
	}
}

func TestMainIsThin(t *testing.T) {
	text, err := os.ReadFile("main.go")
	require.NoError(t, err)
	require.Less(t, strings.Count(string(text), "\n"), 150, "main.go parses, runs and exits; the rest lives in daemon/command")
}
