package pipeline

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/model"
)

// UnmarshalBinary puts a state back. It refuses one that is damaged, and, with an error
// that wraps [ErrOrigin], one of a pipeline that started from another layer, pooling,
// model or other filters. Learning is on or off as it was, unless the options ask for something else now
// than they did then. The pipeline is as it was when the state is refused.
func (p *Pipeline) UnmarshalBinary(b []byte) error {
	restored, err := p.restored(b)
	if err != nil {
		return fmt.Errorf("pipeline state: %w", err)
	}
	_ = p.Close() // nobody asks any more what became of its device
	*p = *restored
	return nil
}

// restored is a pipeline of the same options in a state.
func (p *Pipeline) restored(b []byte) (*Pipeline, error) {
	parts, err := splitState(b)
	if err != nil {
		return nil, err
	}
	s, err := readStand(parts[partStand])
	if err != nil {
		return nil, err
	}
	if err := p.origin.check(s.Origin); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOrigin, err)
	}
	r := *p
	r.stages, r.filters, r.decoder, r.encoding = nil, nil, nil, ""
	r.learn = s.Learning
	if s.Asked != p.options.Learning {
		r.learn = p.options.Learning
	}
	switch g := p.geometry(); {
	case len(parts[partModel]) > 0:
		if err := r.restoreStages(&parts); err != nil {
			return nil, err
		}
	case len(parts[partFilters]) > 0:
		return nil, fmt.Errorf("expected no state of filters without a layer, found %d bytes", len(parts[partFilters]))
	case s.Place.Open:
		return nil, errors.New("a recording is under way, and there is no layer")
	case g.Known(): // it was not, when the state was taken
		if err := r.build(g); err != nil {
			return nil, err
		}
	}
	if err := r.restoreDecoder(parts[partDecoder]); err != nil {
		return nil, err
	}
	// Setting stages up has touched these.
	r.place, r.counters = s.Place, s.Counters
	if r.stages != nil && r.stages.running != nil {
		// It followed counts that were empty.
		if err := r.stages.follow(r.place.Won); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

func (p *Pipeline) restoreStages(parts *[partsNow][]byte) error {
	var m model.Model
	if err := m.UnmarshalBinary(parts[partModel]); err != nil {
		return err
	}
	if g := p.geometry(); g.Known() && g != m.Feast.Geometry() {
		return fmt.Errorf("%w: it is of a sensor with %dx%d pixels, and this one has %dx%d",
			ErrOrigin, m.Feast.Width, m.Feast.Height, g.Width, g.Height)
	}
	if err := p.SetModel(&m); err != nil {
		return err
	}
	if err := p.stages.layers.UnmarshalBinary(parts[partLayer]); err != nil {
		return err
	}
	p.stages.layers.SetLearning(p.learn)
	if watch := parts[partMonitor]; len(watch) > 0 {
		if err := monitors(p.stages.monitors).UnmarshalBinary(watch); err != nil {
			return err
		}
	}
	if err := p.restoreNetwork(parts[partNetwork]); err != nil {
		return err
	}
	if err := p.restoreFilters(parts[partFilters]); err != nil {
		return err
	}
	return p.stages.counts.UnmarshalBinary(parts[partCounts])
}

func (p *Pipeline) restoreNetwork(state []byte) error {
	switch {
	case p.stages.network != nil:
		return p.stages.network.UnmarshalBinary(state)
	case len(state) > 0:
		return fmt.Errorf("expected no state of a network, as the model has none, found %d bytes", len(state))
	default:
		return nil
	}
}
