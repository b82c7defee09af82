package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
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
	rooms := tracked(t)
	eachGoFile(t, func(file, room string) {
		allowed, known := mayImport[room]
		if !known && !slices.Contains(rooms, room) {
			return // it lies about
		}
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
	packages := map[string]bool{}
	eachGoFile(t, func(file, _ string) {
		if dir := path.Dir(filepath.ToSlash(file)); dir != "." && !strings.HasSuffix(file, "_test.go") {
			packages[dir] = true
		}
	})
	for dir := range packages {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "doc.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
		require.NoError(t, err, "a package says what it is in its doc.go")
		require.NotNil(t, parsed.Doc, "%s/doc.go has no package comment", dir)
	}
}

func TestNothingElseAtTheTop(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	require.NoError(t, err)
	// What lies about beside it, models and configurations of whoever works here, is nobody's business.
	for _, name := range tracked(t) {
		require.Contains(t, top, name, "a new entry at the top is a design decision")
	}
	for _, name := range top {
		require.Contains(t, string(text), "`"+strings.TrimSuffix(name, "/"), "ARCHITECTURE.md does not say why %s is there", name)
	}
}

// tracked are the entries at the top that git has, none where there is no git or no repository: an archive of
// the source has what was in it.
func tracked(t *testing.T) []string {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "git", "ls-tree", "--name-only", "HEAD").Output()
	if err != nil {
		t.Logf("what is at the top is not checked: git ls-tree: %v", err)
	}
	return strings.Fields(string(list))
}

func TestMainIsThin(t *testing.T) {
	text, err := os.ReadFile("main.go")
	require.NoError(t, err)
	require.Less(t, strings.Count(string(text), "\n"), 150, "main.go parses, runs and exits; the rest lives in daemon/command")
}
