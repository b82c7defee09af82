package hil

import (
	"context"
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// MaxVectorEvents bounds what is recorded: files of it are some 100 bytes an event.
const MaxVectorEvents = 4 << 20

// endTag is the tag of the mark at the end of a stimulus.
const endTag = 0x5cad

// Record makes vectors of a run: of its model, its stream and its limit of events. Device, pacing, faults and criteria do
// not matter to them; layers whose rates are annealed cannot be recorded, as that takes writes to registers in
// mid-stream.
func Record(ctx context.Context, c Config) (*Vectors, error) {
	v, err := record(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("hil: %w", err)
	}
	return v, nil
}

func record(ctx context.Context, c Config) (*Vectors, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	layer, weights, err := c.Model.layerOf()
	if err != nil {
		return nil, err
	}
	if c.Model.Learning && layer.Anneal.Every > 0 {
		return nil, fmt.Errorf("anneal: expected a layer whose rates stay what they are, found one with a step every %d events", layer.Anneal.Every)
	}
	config, err := deviceConfig(layer, c.Model.Learning, c.Compare.Details)
	if err != nil {
		return nil, err
	}
	reference, err := referenceTarget(c.Compare.Reference)
	if err != nil {
		return nil, err
	}
	recordings, err := c.Stream.recordings(layer.Geometry())
	if err != nil {
		return nil, err
	}
	v := &Vectors{WeightsIn: unsigned(weights.Master), ThresholdsIn: unsigned(weights.Thresholds)}
	if v.Config, err = writes(config); err != nil {
		return nil, err
	}
	v.Manifest = Manifest{
		Format: VectorFormat, Version: VectorVersion, Name: c.Name, Width: config.Width, Height: config.Height,
		Banks: config.Banks(), Neurons: config.Neurons, Side: config.Side(), Learning: config.Learning, Detail: config.Detail,
	}
	golden := NewGolden(config, reference)
	golden.SetMemories(Memories{Master: weights.Master, Thresholds: weights.Thresholds})
	host := hwfpga.NewHost(config, layer.Decay == feast.DecayIndex)
	last := -1
	err = each(ctx, recordings, func(recording int, in []events.Event) (bool, error) {
		if recording != last {
			last = recording
			v.Manifest.Recordings = append(v.Manifest.Recordings, recordings[recording].name)
			if c.Stream.Reset {
				v.words(golden, host.Reset(nil))
			}
		}
		for _, e := range in {
			switch {
			case c.Stream.Events > 0 && v.Manifest.Events == c.Stream.Events:
				return false, nil
			case v.Manifest.Events == MaxVectorEvents:
				return false, fmt.Errorf("stream.events: expected at most %d events to record, found more", MaxVectorEvents)
			}
			v.Manifest.Events++
			v.words(golden, host.Append(nil, e))
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	v.words(golden, []uint32{hwfpga.CommandWord, hwfpga.Mark(endTag)})
	end := golden.Memories()
	v.WeightsOut, v.ThresholdsOut, v.SurfaceOut = unsigned(end.Master), unsigned(end.Thresholds), end.Surface
	return v, nil
}

// words puts words into the stimulus, and what is answered into what is expected.
func (v *Vectors) words(g *Golden, words []uint32) {
	v.Stimulus = append(v.Stimulus, words...)
	for _, w := range words {
		a, ok := g.Word(w)
		if !ok {
			continue
		}
		v.Expected = append(v.Expected, hwfpga.ResultWord(a.Seq, a.Winner))
		if v.Manifest.Detail && !a.Mark {
			v.Expected = append(v.Expected, uint32(a.Dot), a.Norm)
		}
	}
}

// writes are the registers that configure a device, and what is written to them, in turn.
func writes(c hwfpga.Config) ([]uint32, error) {
	var n notebook
	err := hwfpga.Configure(&n, c)
	return n.words, err
}

// notebook is a bus that notes what is written, and is a device that never complains.
type notebook struct{ words []uint32 }

func (n *notebook) Read(address uint32) (uint32, error) {
	switch address {
	case hwfpga.RegID:
		return hwfpga.ID, nil
	case hwfpga.RegVersion:
		return hwfpga.Version, nil
	}
	return 0, nil
}

func (n *notebook) Write(address, value uint32) error {
	n.words = append(n.words, address, value)
	return nil
}
