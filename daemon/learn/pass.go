package learn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/hw"
)

// Shuffled gives the recordings in an order drawn by a seed.
func Shuffled(in []nmnist.Recording, seed uint64) []nmnist.Recording {
	out := slices.Clone(in)
	rng := rand.New(rand.NewPCG(seed, 0x54ff1e))
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// Pass runs a layer, or layers behind each other, over recordings of sensors of a
// geometry, one after the other, with its surfaces
// cleared before each. done, which may be nil, is called after each recording.
func Pass(ctx context.Context, layer hw.Layer, g events.Geometry, recordings []nmnist.Recording, done func()) error {
	p := events.NewPacket(events.DefaultPacketEvents)
	winners := make([]int16, events.DefaultPacketEvents)
	for _, r := range recordings {
		layer.Reset()
		err := each(ctx, r.Path, g, p, func(in []events.Event) error {
			return layer.Process(in, winners[:len(in)])
		})
		if err != nil {
			return err
		}
		if done != nil {
			done()
		}
	}
	return nil
}

// each reads a recording through a packet and hands its events to do. A recording
// without events is an error, as is one that is damaged; do has then seen what
// stands before the damage.
func each(ctx context.Context, path string, g events.Geometry, p *events.Packet, do func([]events.Event) error) (err error) {
	f, err := events.Open(path, events.OpenOptions{Geometry: g})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	n := 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := f.Read(p)
		n += len(p.Events)
		if derr := do(p.Events); derr != nil {
			return derr
		}
		if errors.Is(err, io.EOF) {
			if n == 0 {
				return fmt.Errorf("%s: the recording has no events", path)
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}
