package readout

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Activation is what a hidden unit does to its sum.
type Activation string

// The activations.
const (
	Softsign Activation = "softsign" // v / (1 + |v|), the default
	ReLU     Activation = "relu"     // max(v, 0)
)

// activations in the order of their codes in a marshalled ELM. Only append.
var activations = []Activation{Softsign, ReLU}

// The bounds of a hidden layer.
const (
	DefaultHidden = 2000
	MaxHidden     = 1 << 16
	maxRandom     = 1 << 26 // hidden units times dimension: 256 MiB
)

// spread is how far the offsets of hidden units reach, in standard deviations of
// their sums. Chosen by cross-validation on N-MNIST, where 1 gave half a point less.
const spread = 3

// ELM is an extreme learning machine (G.-B. Huang, Q.-Y. Zhu and C.-K. Siew,
// "Extreme learning machine: Theory and applications", Neurocomputing 70, 2006): a
// hidden layer that is drawn and never trained, and a linear readout of it.
//
// Hidden unit h of a vector x is f(g * sum_j s[h,j]*(x[j]-m[j]) + b[h]), with signs
// s of +1 or -1 and offsets b from -3 to 3, both drawn by a seed; m is the mean of
// the training rows and g what gives the sum a standard deviation of about one over
// them. Only the seed is kept of the signs and the offsets.
//
// Predictions and confidences have the same bits on every machine.
type ELM struct {
	seed    uint64
	hidden  int
	act     Activation
	gain    float64
	mean    []float32
	signs   []float32 // hidden x dim, drawn
	offsets []float64 // drawn
	out     *Model
}

// ELMOptions say how to train an ELM.
type ELMOptions struct {
	Hidden     int        // units, DefaultHidden if 0
	Activation Activation // Softsign if empty
	Seed       uint64     // of the hidden layer
	Options    Options    // of the readout
}

// TrainELM draws a hidden layer and trains a readout of it with [Train]. Mean and
// gain are those of all rows, also in cross-validation; they know no labels.
func TrainELM(ctx context.Context, data Data, eo ELMOptions) (*ELM, *Report, error) {
	if eo.Hidden == 0 {
		eo.Hidden = DefaultHidden
	}
	if eo.Activation == "" {
		eo.Activation = Softsign
	}
	if eo.Hidden < 1 || eo.Hidden > MaxHidden {
		return nil, nil, fmt.Errorf("readout: %d hidden units: expected 1 to %d", eo.Hidden, MaxHidden)
	}
	if !slices.Contains(activations, eo.Activation) {
		return nil, nil, fmt.Errorf("readout: unknown activation %q: known are %q", eo.Activation, activations)
	}
	s, err := newSamples(data)
	if err != nil {
		return nil, nil, err
	}
	x := newDesign(s)
	if x.scale == 0 {
		return nil, nil, errors.New("readout: all rows are equal: there is nothing to learn from")
	}
	e := &ELM{seed: eo.Seed, hidden: eo.Hidden, act: eo.Activation, gain: 1 / math.Sqrt(x.scale), mean: make([]float32, s.dim)}
	if !(e.gain <= maxGain) {
		return nil, nil, errors.New("readout: rows are too close to each other for a hidden layer")
	}
	for j, m := range x.mean {
		e.mean[j] = float32(m)
	}
	if err := e.draw(); err != nil {
		return nil, nil, err
	}
	o, err := eo.Options.withDefaults()
	if err != nil {
		return nil, nil, err
	}
	rows := make([][]float32, len(s.rows))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(o.Workers)
	for i, row := range s.rows {
		group.Go(func() error {
			rows[i] = e.layer(row)
			return gctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var report *Report
	e.out, report, err = Train(ctx, Data{Rows: rows, Labels: data.Labels}, eo.Options)
	if report != nil {
		report.Method = MethodELM // ridge is but how its outputs are trained
	}
	return e, report, err
}

const maxGain = 1e100

// draw makes the hidden layer of the seed.
func (e *ELM) draw() error {
	if int64(e.hidden)*int64(len(e.mean)) > maxRandom {
		return fmt.Errorf("readout: %d hidden units of dimension %d: at most %d weights", e.hidden, len(e.mean), maxRandom)
	}
	r := rand.New(rand.NewPCG(e.seed, 0x656c6d))
	e.signs = make([]float32, e.hidden*len(e.mean))
	var bits uint64
	for i := range e.signs {
		if i%64 == 0 {
			bits = r.Uint64()
		}
		e.signs[i] = 1 - 2*float32(bits&1)
		bits >>= 1
	}
	e.offsets = make([]float64, e.hidden)
	for h := range e.offsets {
		// 53 bits, scaled by a power of two and moved: every step is exact or
		// rounded on its own.
		e.offsets[h] = float64(2*spread*r.Float64()) - spread
	}
	return nil
}

// layer is the hidden units of a vector.
func (e *ELM) layer(vec []float32) []float32 {
	dim := len(e.mean)
	moved := make([]float32, dim)
	for j, v := range vec {
		moved[j] = min(max(v-e.mean[j], -math.MaxFloat32), math.MaxFloat32)
	}
	out := make([]float32, e.hidden)
	for h := range out {
		v := float64(e.gain*dot(e.signs[h*dim:(h+1)*dim], moved)) + e.offsets[h]
		if e.act == Softsign {
			v /= 1 + math.Abs(v)
		} else {
			v = min(max(v, 0), math.MaxFloat32)
		}
		out[h] = float32(v)
	}
	return out
}

// Classes lists the classes' names.
func (e *ELM) Classes() []string {
	if e.out == nil {
		return nil
	}
	return e.out.Classes()
}

// Dim is the length of the vectors that are judged.
func (e *ELM) Dim() int { return len(e.mean) }

// Hidden is the number of hidden units.
func (e *ELM) Hidden() int { return e.hidden }

// Class is the name of one class.
func (e *ELM) Class(i int) string { return e.out.Class(i) }

// Bytes is about how much memory the machine takes, its hidden layer included, of
// which a file has the seed only.
func (e *ELM) Bytes() int64 {
	return 4*int64(len(e.signs)+len(e.mean)) + 8*int64(len(e.offsets)) + e.out.Bytes()
}

// Scores are those of the readout of the hidden layer; see [Model.Scores].
func (e *ELM) Scores(dst []float64, vec []float32) ([]float64, error) {
	if err := checkVector(vec, len(e.mean)); err != nil {
		return dst, err
	}
	return e.out.Scores(dst, e.layer(vec))
}

// Predict gives the class and the confidence of the readout of the hidden layer.
func (e *ELM) Predict(vec []float32) (class int, confidence float64, err error) {
	if err := checkVector(vec, len(e.mean)); err != nil {
		return 0, 0, err
	}
	return e.out.Predict(e.layer(vec))
}

// The body of a marshalled ELM: seed, uint64; dimension D, hidden units, code of
// the activation, each uint32; gain, float64; D means, float32; the readout as a
// Model marshals itself, to the end.
const elmMagic = "selm"

// MarshalBinary gives the whole machine.
func (e *ELM) MarshalBinary() ([]byte, error) {
	if e.out == nil {
		return nil, errNoModel
	}
	le := binary.LittleEndian
	b := le.AppendUint64(opening(elmMagic), e.seed)
	for _, v := range []int{len(e.mean), e.hidden, slices.Index(activations, e.act)} {
		b = le.AppendUint32(b, uint32(v))
	}
	b = le.AppendUint64(b, math.Float64bits(e.gain))
	b, err := e.out.AppendBinary(appendFloats(b, e.mean))
	return sealed(b), err
}

// UnmarshalBinary reads a machine, checking everything. An ELM that gets an error
// keeps what it had.
func (e *ELM) UnmarshalBinary(data []byte) error {
	c, err := opened(data, elmMagic)
	if err != nil {
		return err
	}
	read := &ELM{seed: c.uint64()}
	dim := c.count("a dimension", 1, MaxDimension)
	read.hidden = c.count("hidden units", 1, MaxHidden)
	read.act = activations[c.count("an activation's code", 0, uint32(len(activations)-1))]
	read.gain = c.number("a gain", 0, maxGain)
	read.mean = c.floats(int64(dim))
	if c.err != nil {
		return c.err
	}
	read.out = new(Model)
	if err := read.out.UnmarshalBinary(c.data[c.at:]); err != nil {
		return fmt.Errorf("in the readout at byte %d: %w", c.at, err)
	}
	if read.out.dim != read.hidden {
		c.fail(fmt.Sprintf("a readout of dimension %d", read.hidden), fmt.Sprint(read.out.dim))
		return c.err
	}
	if err := read.draw(); err != nil {
		c.fail("a valid machine", err.Error())
		return c.err
	}
	*e = *read
	return nil
}
