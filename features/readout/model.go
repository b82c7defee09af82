package readout

import (
	"fmt"
	"math"
	"slices"
)

// Method names a way to train a readout.
type Method string

// The methods.
const (
	Ridge    Method = "ridge"
	Logistic Method = "logistic"
)

// methods in the order of their codes in a marshalled model. Only append.
var methods = []Method{Ridge, Logistic}

// Parameters are all there is to a model.
type Parameters struct {
	Method  Method
	Classes []string    // 2 to MaxClasses names in ascending order
	Weights [][]float32 // a row a class, each of the vectors' dimension
	Bias    []float64   // one a class
	Lambda  float64     // what it was trained with; 0 if not known
	// InverseTemperature multiplies scores before the softmax that gives
	// confidences; 0 makes every confidence one over the number of classes.
	InverseTemperature float64
}

// Model is a linear classifier. It does not change and is safe for concurrent
// use. Only UnmarshalBinary writes to it.
type Model struct {
	method  Method
	classes []string
	dim     int
	weights []float32 // classes x dim
	bias    []float64
	lambda  float64
	beta    float64
}

// NewModel makes a model of known parameters, which it copies.
func NewModel(p Parameters) (*Model, error) {
	m := &Model{
		method: p.Method, classes: slices.Clone(p.Classes),
		bias: slices.Clone(p.Bias), lambda: p.Lambda, beta: p.InverseTemperature,
	}
	if len(p.Weights) != len(p.Classes) || len(p.Bias) != len(p.Classes) {
		return nil, fmt.Errorf("readout: %d classes, %d rows of weights, %d biases: expected one of each a class",
			len(p.Classes), len(p.Weights), len(p.Bias))
	}
	if len(p.Weights) > 0 {
		m.dim = len(p.Weights[0])
	}
	if err := m.checkHeader(); err != nil {
		return nil, err
	}
	m.weights = make([]float32, 0, len(p.Weights)*m.dim)
	for c, row := range p.Weights {
		if err := checkVector(row, m.dim); err != nil {
			return nil, fmt.Errorf("readout: weights of class %q: %w", p.Classes[c], err)
		}
		m.weights = append(m.weights, row...)
	}
	return m, m.checkBias()
}

// checkHeader looks at everything but biases and weights.
func (m *Model) checkHeader() error {
	if !slices.Contains(methods, m.method) {
		return fmt.Errorf("readout: unknown method %q: known are %q", m.method, methods)
	}
	if m.dim < 1 || m.dim > MaxDimension {
		return fmt.Errorf("readout: dimension %d: expected 1 to %d", m.dim, MaxDimension)
	}
	if !(m.lambda >= 0) || math.IsInf(m.lambda, 0) {
		return fmt.Errorf("readout: lambda %g: expected a finite number from 0", m.lambda)
	}
	if !(m.beta >= 0) || m.beta > maxBeta {
		return fmt.Errorf("readout: inverse temperature %g: expected 0 to %g", m.beta, maxBeta)
	}
	return checkClasses(m.classes, m.dim)
}

// checkBias bounds the biases, so that no score can leave the range of float64:
// the products of float32 sum to less than 2^24 * 2^256.
func (m *Model) checkBias() error {
	for c, b := range m.bias {
		if !(math.Abs(b) <= maxBias) {
			return fmt.Errorf("readout: bias %g of class %q: expected at most %g in size", b, m.classes[c], maxBias)
		}
	}
	return nil
}

const (
	maxBias = 1e100
	maxBeta = 1e100
)

// Parameters gives a copy of the model's parameters.
func (m *Model) Parameters() Parameters {
	p := Parameters{
		Method: m.method, Classes: slices.Clone(m.classes), Bias: slices.Clone(m.bias),
		Lambda: m.lambda, InverseTemperature: m.beta,
	}
	for c := range m.classes {
		p.Weights = append(p.Weights, slices.Clone(m.weights[c*m.dim:(c+1)*m.dim]))
	}
	return p
}

// Method is how the model was trained.
func (m *Model) Method() Method { return m.method }

// Dim is the length of the vectors that the model judges.
func (m *Model) Dim() int { return m.dim }

// Lambda is the regularisation that the model was trained with.
func (m *Model) Lambda() float64 { return m.lambda }

// Classes lists the classes' names; a prediction is an index into it.
func (m *Model) Classes() []string { return slices.Clone(m.classes) }

// Class is the name of one class.
func (m *Model) Class(i int) string { return m.classes[i] }

// Bytes is about how much memory the model takes.
func (m *Model) Bytes() int64 { return 4*int64(len(m.weights)) + 8*int64(len(m.bias)) }

// Predict gives the class with the largest score and the confidence in it, a
// probability. The error is ErrVector, wrapped, for a vector that has the wrong
// length or an entry that is not finite. Predict does not allocate unless it
// returns an error.
func (m *Model) Predict(vec []float32) (class int, confidence float64, err error) {
	if err := checkVector(vec, m.dim); err != nil {
		return 0, 0, err
	}
	var most [MaxClasses]float64
	scores := most[:len(m.classes)]
	m.score(scores, vec)
	class = softmax(scores, m.beta)
	return class, scores[class], nil
}

// Scores writes the score of each class, weights times vec plus bias, into dst,
// which is made anew if it is too short, and returns it.
func (m *Model) Scores(dst []float64, vec []float32) ([]float64, error) {
	if err := checkVector(vec, m.dim); err != nil {
		return dst, err
	}
	dst = room(dst, len(m.classes))
	m.score(dst, vec)
	return dst, nil
}

// room is dst with a length, made anew if it is too short.
func room(dst []float64, n int) []float64 {
	if cap(dst) < n {
		return make([]float64, n)
	}
	return dst[:n]
}

// Probabilities does as Scores and turns the scores into the probabilities whose
// largest is Predict's confidence.
func (m *Model) Probabilities(dst []float64, vec []float32) ([]float64, error) {
	dst, err := m.Scores(dst, vec)
	if err == nil {
		softmax(dst, m.beta)
	}
	return dst, err
}

func (m *Model) score(dst []float64, vec []float32) {
	for c := range dst {
		dst[c] = dot(m.weights[c*m.dim:(c+1)*m.dim], vec) + m.bias[c]
	}
}

// dot is the sum of a[i]*b[i] over four lanes, i modulo 4, added as (0+1)+(2+3).
// A product of two float32 has at most 48 significant bits and is exact in
// float64, so that a fused multiply-add gives the same bits as these two steps.
func dot(a, b []float32) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(float64(a[0]) * float64(b[0]))
		s1 += float64(float64(a[1]) * float64(b[1]))
		s2 += float64(float64(a[2]) * float64(b[2]))
		s3 += float64(float64(a[3]) * float64(b[3]))
		a, b = a[4:], b[4:]
	}
	if len(a) > 0 && len(b) > 0 {
		s0 += float64(float64(a[0]) * float64(b[0]))
	}
	if len(a) > 1 && len(b) > 1 {
		s1 += float64(float64(a[1]) * float64(b[1]))
	}
	if len(a) > 2 && len(b) > 2 {
		s2 += float64(float64(a[2]) * float64(b[2]))
	}
	return (s0 + s1) + (s2 + s3)
}
