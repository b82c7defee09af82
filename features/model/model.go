package model

import (
	"errors"
	"fmt"
	"os"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/features/wholefile"
	"github.com/saccade-dev/saccade/hw"
)

// Model is a trained FEAST layer, or a stack of them, with a readout where one was
// trained.
type Model struct {
	Feast   feast.Config
	Weights feast.Weights
	// Upper are the layers behind the first, none as a rule. Their configurations are
	// complete, see [stack.Complete].
	Upper []Upper

	// Pool, Parts, Counted and Readout belong together; Readout is nil where there is none.
	// Pool, Parts and Counted are a [pool.Recipe]: counts alone without parts.
	Pool  pool.Config
	Parts []pool.Part
	// Counted are the layers whose features are pooled, from 1; none for the last alone.
	Counted []int
	Readout readout.Classifier
	// Schedule is what confidences in decisions within a recording go by; it may be
	// nil, and is without a readout.
	Schedule *readout.Schedule

	// Network decides on frames of the events or of a layer's features; nil where there
	// is none. Where there is a readout, too, it is the network that labels are by.
	Network *decide.Network
}

// Upper is a layer behind another one.
type Upper struct {
	stack.Config
	Weights feast.Weights
}

// Layers are the configurations of all layers.
func (m *Model) Layers() []stack.Config {
	out := stack.Of(m.Feast)
	for _, u := range m.Upper {
		out = append(out, u.Config)
	}
	return out
}

// Top is the configuration of the last layer, whose features are pooled.
func (m *Model) Top() feast.Config {
	if n := len(m.Upper); n > 0 {
		return m.Upper[n-1].Feast
	}
	return m.Feast
}

// RestsOnFeatures tells whether labels are by the features as they are: a readout, or a
// network whose frames are of features, was trained on them, and is worth less and less
// as they learn on.
func (m *Model) RestsOnFeatures() bool {
	return m.Readout != nil || m.Network != nil && m.Network.Frames.Source == frames.Features
}

// SetStack puts what a stack has learned into the model.
func (m *Model) SetStack(s *stack.Stack) {
	configs, weights := s.Configs(), s.Weights()
	m.Feast, m.Weights, m.Upper = configs[0].Feast, weights[0], nil
	for i := 1; i < len(configs); i++ {
		m.Upper = append(m.Upper, Upper{configs[i], weights[i]})
	}
}

// Stack makes the layers of the model, learning off.
func (m *Model) Stack(target hw.Target) (*stack.Stack, error) {
	weights := []feast.Weights{m.Weights}
	for _, u := range m.Upper {
		weights = append(weights, u.Weights)
	}
	s, err := stack.NewWithWeights(m.Layers(), target, weights)
	if err != nil {
		return nil, err
	}
	s.SetLearning(false)
	return s, nil
}

// Recipe is what the readout's vectors are made by.
func (m *Model) Recipe() pool.Recipe {
	return pool.Recipe{Pool: m.Pool, Parts: m.Parts, Layers: m.Counted}
}

// Validate tells whether the parts of the model fit each other.
func (m *Model) Validate() error {
	if err := m.Feast.Validate(); err != nil {
		return fmt.Errorf("feast: %w", err)
	}
	if err := m.Weights.Validate(m.Feast); err != nil {
		return fmt.Errorf("feast: %w", err)
	}
	complete, err := stack.Complete(m.Layers())
	if err != nil {
		return err
	}
	for i, u := range m.Upper {
		if complete[i+1] != u.Config {
			return fmt.Errorf("layer %d does not fit the one before: expected %+v, found %+v", i+2, complete[i+1], u.Config)
		}
		if err := u.Weights.Validate(u.Feast); err != nil {
			return fmt.Errorf("layer %d: %w", i+2, err)
		}
	}
	if err := m.validateNetwork(); err != nil {
		return fmt.Errorf("network: %w", err)
	}
	if m.Readout == nil {
		if m.Schedule != nil {
			return errors.New("a schedule is of a readout, and there is none")
		}
		return nil
	}
	if err := m.Recipe().Validate(); err != nil {
		return err
	}
	features, err := m.pooled(m.Counted)
	if err != nil {
		return err
	}
	if m.Pool.Source == pool.SourceEvents || m.Pool.Features != features ||
		m.Pool.Geometry != m.Feast.Geometry() {
		return errors.New("the pooling is not one of this layer's features")
	}
	// A descriptor takes memory by its length. The readout is as long already, so that
	// a small file cannot ask for a large one.
	if want, got := m.Recipe().Len(), m.Readout.Dim(); want != got {
		return fmt.Errorf("the readout takes vectors of %d, and the pooling gives %d", got, want)
	}
	return nil
}

// MaxBytes is the largest model file that is read.
const MaxBytes = 1 << 30

// Load reads a model from a file.
func Load(path string) (*Model, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case st.IsDir():
		return nil, fmt.Errorf("%s: expected a model file, found a folder", path)
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: expected a model file, found something else", path)
	case st.Size() > MaxBytes:
		return nil, fmt.Errorf("%s: expected a model file of at most %d bytes, found %d", path, MaxBytes, st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := new(Model)
	if err := m.UnmarshalBinary(b); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Save writes the model to a file, which is either written whole or left as it was.
func (m *Model) Save(path string) error {
	b, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	return wholefile.Write(path, b)
}
