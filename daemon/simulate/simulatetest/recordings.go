package simulatetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// Folder is a folder of recordings of drawn digits.
type Folder struct {
	Train  int // how many, an equal number of each digit where 10 divides it
	Config saccades.Config

	once sync.Once
	dir  string
	err  error
}

// Recordings are those of the folder, which the first call writes.
func (f *Folder) Recordings(t *testing.T) []nmnist.Recording {
	t.Helper()
	f.once.Do(func() { f.dir, f.err = f.write() })
	require.NoError(t, f.err)
	out, err := nmnist.Folder(filepath.Join(f.dir, "Train"))
	require.NoError(t, err)
	require.Len(t, out, f.Train)
	return out
}

func (f *Folder) write() (string, error) {
	dir, err := os.MkdirTemp("", "saccade-simulated-")
	if err != nil {
		return "", err
	}
	source, err := digits.NewFonts(digits.DefaultStyle())
	if err == nil {
		_, err = simulate.Write(context.Background(), simulate.Options{
			Dir: dir, Train: f.Train, Seed: 5, Source: source, Config: f.Config,
		})
	}
	return dir, err
}

// Main runs the tests of a package, checks that they leave no goroutines behind, and
// removes the folders that they wrote.
func Main(m *testing.M, folders ...*Folder) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		for _, f := range folders {
			if f.dir == "" {
				continue
			}
			if err := os.RemoveAll(f.dir); err != nil {
				panic(err)
			}
		}
		os.Exit(code) //nolint:revive // Main is the whole of a TestMain, which ends so
	}))
}
