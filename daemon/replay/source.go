package replay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
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

// chunk is the events of one message.
type chunk struct {
	events []events.Event
	last   bool // of its recording
}

// cutter cuts a recording into chunks. It looks one packet ahead, to know a
// recording's last chunk when it gives it.
type cutter struct {
	reader     events.Reader
	maxEvents  int
	maxTime    int64 // microseconds, 0 for any
	packet     *events.Packet
	ahead      []events.Event // read and not given yet, behind what was
	given      int            // how many at the front of ahead were given
	ended      bool
	damage     error // why it ended, where that was not its end
	timeOffset int64 // added to every time
}

// next gives the next chunk, valid until the next call, and io.EOF behind the last. A damaged recording ends
// where the damage is.
func (c *cutter) next() (chunk, error) {
	for len(c.ahead)-c.given <= c.maxEvents && !c.ended {
		c.ahead = slices.Delete(c.ahead, 0, c.given)
		c.given = 0
		err := c.reader.Read(c.packet)
		for _, e := range c.packet.Events {
			e.T += c.timeOffset
			c.ahead = append(c.ahead, e)
		}
		if err != nil {
			c.ended = true
			if !errors.Is(err, io.EOF) {
				c.damage = err
			}
		}
	}
	rest := c.ahead[c.given:]
	if len(rest) == 0 {
		return chunk{}, io.EOF
	}
	n := min(len(rest), c.maxEvents)
	if c.maxTime > 0 {
		first := rest[0].T
		// Time that runs back ends a chunk too.
		if i := slices.IndexFunc(rest[:n], func(e events.Event) bool {
			return e.T-first >= c.maxTime || e.T < first
		}); i > 0 {
			n = i
		}
	}
	c.given += n
	return chunk{events: rest[:n], last: c.ended && n == len(rest)}, nil
}
