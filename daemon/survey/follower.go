package survey

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// follower takes one recording after the other through a frozen model.
type follower struct {
	model   *model.Model
	layers  *stack.Stack
	rulers  []*feast.Layer // beside each layer, with thresholds; nil where the layer has them
	judge   judge          // nil where the model names nothing
	packet  *events.Packet
	winners []int16
}

func newFollower(m *model.Model, target hw.Target) (f *follower, err error) {
	f = &follower{
		model: m, packet: events.NewPacket(events.DefaultPacketEvents),
		winners: make([]int16, events.DefaultPacketEvents),
	}
	if f.layers, err = m.Stack(target); err != nil {
		return nil, err
	}
	weights := f.layers.Weights()
	f.rulers = make([]*feast.Layer, f.layers.Len())
	for i, c := range f.layers.Configs() {
		if c.Feast.Inference == feast.Thresholds {
			continue
		}
		c.Feast.Inference = feast.Thresholds
		r, err := feast.NewWithWeights(c.Feast, target, weights[i])
		if err != nil {
			return nil, err
		}
		r.SetLearning(false)
		f.rulers[i] = r
		f.layers.Watch(i, beside(r))
	}
	f.judge, err = newJudge(m, target)
	return f, err
}

// beside has a second layer take the events of the first.
func beside(r *feast.Layer) stack.Process {
	var winners []int16
	return func(l *feast.Layer, in []events.Event, out []int16) error {
		if err := l.Process(in, out); err != nil {
			return err
		}
		if cap(winners) < len(in) {
			winners = make([]int16, len(in))
		}
		return r.Process(in, winners[:len(in)])
	}
}

// found is what one recording made a model do.
type found struct {
	tallies    []*Tally         // by layer
	now, ruled []feast.Counters // likewise
	rasters    [][]report.Win   // likewise; nil where they are not asked for
	events     int64
	class      int // that the model gives; -1 without one
}

// follow takes a recording through the model; f is left empty but for its tallies.
func (w *follower) follow(ctx context.Context, r nmnist.Recording, f *found, raster bool) error {
	n := w.layers.Len()
	f.events, f.class, f.rasters = 0, -1, nil
	if raster {
		f.rasters = make([][]report.Win, n)
	}
	w.layers.Reset()
	for i := range n {
		f.tallies[i].clear()
		f.now[i], f.ruled[i] = w.counters(i)
		if w.rulers[i] != nil {
			w.rulers[i].Reset()
		}
	}
	if w.judge != nil {
		w.judge.reset()
	}
	if err := w.run(ctx, r.Path, f); err != nil {
		return err
	}
	for i := range n {
		now, ruled := w.counters(i)
		f.now[i], f.ruled[i] = now.Since(f.now[i]), ruled.Since(f.ruled[i])
	}
	if w.judge == nil {
		return nil
	}
	var err error
	f.class, err = w.judge.end()
	return err
}

func (w *follower) counters(layer int) (now, ruled feast.Counters) {
	now = w.layers.Layer(layer).Counters()
	if r := w.rulers[layer]; r != nil {
		return now, r.Counters()
	}
	return now, now
}

func (w *follower) run(ctx context.Context, path string, f *found) (err error) {
	file, err := events.Open(path, events.OpenOptions{Geometry: w.model.Feast.Geometry()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		end := file.Read(w.packet)
		if err := w.packetOf(w.packet.Events, f); err != nil {
			return err
		}
		switch {
		case errors.Is(end, io.EOF) && f.events == 0:
			return fmt.Errorf("%s: the recording has no events", path)
		case errors.Is(end, io.EOF):
			return nil
		case end != nil:
			return end
		}
	}
}

// packetOf takes a packet through the model.
func (w *follower) packetOf(in []events.Event, f *found) error {
	winners := w.winners[:len(in)]
	if err := w.layers.Process(in, winners); err != nil {
		return err
	}
	f.events += int64(len(in))
	answers := func(layer int) []int16 {
		if layer == w.layers.Len()-1 {
			return winners
		}
		return w.layers.Winners(layer)
	}
	if w.judge != nil {
		if err := w.judge.add(in, answers); err != nil {
			return err
		}
	}
	for i := range w.layers.Len() {
		for k, feature := range answers(i) {
			if feature < 0 {
				continue
			}
			e := in[k]
			f.tallies[i].Won(e.X, e.Y, int(feature))
			if f.rasters != nil && len(f.rasters[i]) < MaxPictured {
				f.rasters[i] = append(f.rasters[i], report.Win{T: e.T, Feature: int(feature), P: e.P})
			}
		}
	}
	return nil
}
