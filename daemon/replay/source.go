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
// N-MNIST's Train/<digit>/<number>.bin. Names that begin with a dot are left out,
// and so are links to folders, but for those that are named themselves.
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
		err = fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case name != "." && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case d.IsDir() || !extensions[strings.ToLower(path.Ext(name))]:
				return nil
			}
			s := Source{Path: filepath.Join(root, filepath.FromSlash(name)), Recording: name}
			if dir := path.Dir(name); dir != "." {
				s.Truth = path.Base(dir)
			}
			out = append(out, s)
			return nil
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
