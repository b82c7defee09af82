package sweep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/saccade-dev/saccade/events/nmnist"
)

// choice is recordings in an order in which every beginning has all labels in equal
// numbers, as far as there are so many.
type choice struct {
	list   []nmnist.Recording // as the folder has them
	order  []int              // indexes into list
	labels int                // how many there are
}

// choose gives at most n recordings of a folder's. Which they are depends on the folder
// alone.
func choose(in []nmnist.Recording, n int) choice {
	rng := rand.New(rand.NewPCG(0x5acc, uint64(len(in))))
	byLabel := map[string][]int{}
	var labels []string
	for _, i := range rng.Perm(len(in)) {
		label := in[i].Label
		if byLabel[label] == nil {
			labels = append(labels, label)
		}
		byLabel[label] = append(byLabel[label], i)
	}
	slices.Sort(labels)
	c := choice{list: in, labels: len(labels)}
	n = min(n, len(in))
	for round := 0; len(c.order) < n; round++ {
		for _, label := range labels {
			if round < len(byLabel[label]) && len(c.order) < n {
				c.order = append(c.order, byLabel[label][round])
			}
		}
	}
	return c
}

// first gives the first n, in the folder's order: all of a folder's are what learning
// without a sweep would see.
func (c choice) first(n int) []nmnist.Recording {
	at := slices.Sorted(slices.Values(c.order[:n]))
	out := make([]nmnist.Recording, n)
	for i, k := range at {
		out[i] = c.list[k]
	}
	return out
}

// digest is a hash of the recordings: labels, names and bytes.
func (c choice) digest(ctx context.Context, step func()) (string, error) {
	all := sha256.New()
	for _, i := range c.order {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		r := c.list[i]
		sum, err := fileSum(r.Path)
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(all, "%q %q %x\n", r.Label, filepath.Base(r.Path), sum) // a hash takes everything
		step()
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

func fileSum(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}
