package model

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// Model is a trained FEAST layer, with a readout where one was trained.
type Model struct {
	Feast   feast.Config
	Weights feast.Weights

	// Pool and Readout belong together; Readout is nil where there is none.
	Pool    pool.Config
	Readout *readout.Model
}

// Layer makes a layer of the model, learning off.
func (m *Model) Layer(target hw.Target) (*feast.Layer, error) {
	l, err := feast.NewWithWeights(m.Feast, target, m.Weights)
	if err != nil {
		return nil, err
	}
	l.SetLearning(false)
	return l, nil
}

// Validate tells whether the parts of the model fit each other.
func (m *Model) Validate() error {
	if err := m.Feast.Validate(); err != nil {
		return fmt.Errorf("feast: %w", err)
	}
	if m.Readout == nil {
		return nil
	}
	p, err := pool.New(m.Pool)
	if err != nil {
		return err
	}
	if p.Config().Source != pool.SourceFeatures || p.Config().Features != m.Feast.Features() ||
		p.Config().Geometry != m.Feast.Geometry() {
		return errors.New("the pooling is not one of this layer's features")
	}
	if p.Len() != m.Readout.Dim() {
		return fmt.Errorf("the readout takes vectors of %d, and the pooling gives %d", m.Readout.Dim(), p.Len())
	}
	return nil
}

// MaxBytes is the largest model file that is read.
const MaxBytes = 1 << 30

// Load reads a model from a file.
func Load(path string) (*Model, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > MaxBytes {
		return nil, fmt.Errorf("%s: expected a model file of at most %d bytes", path, MaxBytes)
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
func (m *Model) Save(path string) (err error) {
	b, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
