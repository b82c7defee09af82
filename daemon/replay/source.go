package replay

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// Source is one recording to replay.
type Source struct {
	Path      string
	Recording string // its name on the wire
	Truth     string // its label, empty where it has none
}

// Sources lists the recordings that the paths name: files as they are, folders
// with every recording below them in the order of their paths. A recording in a
// folder below one that was named has that folder's name as its label, as in
// N-MNIST's Train/<digit>/<number>.bin. Names that begin with a dot are left out.
// Links to folders are followed, but a link below a link is refused: it may lead back.
func Sources(paths []string) ([]Source, error) {
	extensions := map[string]bool{}
	for _, f := range events.Formats() {
		extensions[f.Extension] = true
	}
	var out []Source
	for _, root := range paths {
		st, err := os.Stat(root)
		if err != nil {
			return nil, err
		}
		if !st.IsDir() {
			out = append(out, Source{Path: root, Recording: filepath.Base(root)})
			continue
		}
		before := len(out)
		err = walk(root, ".", false, func(name string) {
			if !extensions[strings.ToLower(path.Ext(name))] {
				return
			}
			s := Source{Path: filepath.Join(root, filepath.FromSlash(name)), Recording: name}
			if dir := path.Dir(name); dir != "." {
				s.Truth = path.Base(dir)
			}
			out = append(out, s)
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", root, err)
		}
		if len(out) == before {
			return nil, fmt.Errorf("%s: expected recordings below the folder, found none", root)
		}
	}
	return out, nil
}

// walk calls visit with the name of every file below a folder, in the order of their names.
func walk(root, folder string, linked bool, visit func(name string)) error {
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(folder)))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name, below := path.Join(folder, e.Name()), e.IsDir()
		link := e.Type()&fs.ModeSymlink != 0
		if link {
			st, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
			below = err == nil && st.IsDir() // a link to nothing is found when it is opened
		}
		switch {
		case !below:
			visit(name)
		case link && linked:
			return fmt.Errorf("%s: a link to a folder below one: expected a folder", name)
		default:
			if err := walk(root, name, linked || link, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// Shuffle puts sources into an order drawn by a seed.
func Shuffle(s []Source, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0x51eed))
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}
