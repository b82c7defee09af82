package readout

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// DefaultDegree is the degree of a kernel where nothing is said, MaxDegree the
// highest.
const (
	DefaultDegree = 4
	MaxDegree     = 16
)

// Kernel is ridge regression on all products of as many entries of a vector as the
// kernel's degree says, without ever forming them: two vectors are compared by
// k(x, z) = (x'z / s)^degree, s being the mean squared length of the training rows,
// and the score of a class is a bias and a weighted sum of the comparisons with the
// training rows (T. Hastie, R. Tibshirani and J. Friedman, "The Elements of
// Statistical Learning", 2nd ed., section 12.3.7). It keeps those rows, and a
// prediction costs their number times their length.
//
// Predictions and confidences have the same bits on every machine.
type Kernel struct {
	classes []string
	dim     int
	degree  int
	scale   float64 // 1/s
	lambda  float64
	beta    float64
	rows    []float32 // n x dim
	weights []float32 // classes x n
	bias    []float64
}

// KernelOptions say how to train a Kernel.
type KernelOptions struct {
	Degree  int     // DefaultDegree if 0
	Options Options // Method is ignored; by default 12 lambdas from 1e-7 to 1e-1
}

// TrainKernel chooses lambda by cross-validation, as [Train] does for ridge, and
// trains on all samples, of which there may be 16,384.
func TrainKernel(ctx context.Context, data Data, ko KernelOptions) (*Kernel, *Report, error) {
	if ko.Degree == 0 {
		ko.Degree = DefaultDegree
	}
	if ko.Degree < 1 || ko.Degree > MaxDegree {
		return nil, nil, fmt.Errorf("readout: kernel of degree %d: expected 1 to %d", ko.Degree, MaxDegree)
	}
	s, err := newSamples(data)
	if err != nil {
		return nil, nil, err
	}
	o := ko.Options
	o.Method = Ridge
	if o, err = o.withDefaults(); err != nil {
		return nil, nil, err
	}
	if len(o.Lambdas) == 0 {
		o.Lambdas = LogGrid(1e-7, 1e-1, 12)
	}
	n := len(s.rows)
	if n > maxSystem {
		return nil, nil, fmt.Errorf("readout: a kernel over %d samples: expected %d at most", n, maxSystem)
	}
	report := &Report{Method: "kernel", Classes: s.classes, Samples: n, Dim: s.dim, Seed: o.Seed}
	var note string
	if report.Folds, note, err = foldsFor(s, o.Folds); err != nil {
		return nil, nil, err
	}
	report.note(note)
	k := &Kernel{classes: s.classes, dim: s.dim, degree: ko.Degree, rows: slices.Concat(s.rows...)}
	t := &kernelTrainer{k: k}
	if t.ridge, err = k.gram(ctx, s, o.Workers); err != nil {
		return nil, nil, err
	}
	cv := &crossValidation{samples: s, trainer: t, options: o, fold: stratify(s, report.Folds, o.Seed), folds: report.Folds}
	if err := cv.run(ctx, report); err != nil {
		return nil, nil, err
	}
	if err := t.calibrate(ctx, cv, report); err != nil {
		return nil, nil, err
	}
	z, bias, err := t.solve(ctx, sequence(n), report.Lambda)
	if err != nil {
		return nil, nil, err
	}
	classes := len(s.classes)
	k.lambda, k.beta, k.bias = report.Lambda, report.InverseTemperature, bias
	k.weights = make([]float32, classes*n)
	for c := range classes {
		for i := range n {
			k.weights[c*n+i] = float32(z[i*classes+c])
		}
	}
	cv.progress(1)
	return k, report, k.check()
}

// gram compares all rows with each other, as ridge's dual form takes them.
func (k *Kernel) gram(ctx context.Context, s *samples, workers int) (*ridge, error) {
	n := len(s.rows)
	var length float64
	for _, row := range s.rows {
		length += dot(row, row) / float64(n)
	}
	if length == 0 || math.IsInf(1/length, 0) {
		return nil, errors.New("readout: all rows are zero: there is nothing to learn from")
	}
	k.scale = 1 / length
	r := &ridge{y: s.y, classes: len(s.classes), isDual: true, gram: make([]float64, n*n)}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := range n {
		group.Go(func() error {
			for j := i; j < n; j++ {
				v := float64(k.compare(s.rows[i], s.rows[j]))
				r.gram[i*n+j], r.gram[j*n+i] = v, v
			}
			return ctx.Err()
		})
	}
	return r, group.Wait()
}

// compare is k(a, b), rounded to a float32 so that its products with weights are
// exact, and at most the largest of these.
func (k *Kernel) compare(a, b []float32) float32 {
	v := float64(dot(a, b) * k.scale)
	p := 1.0
	for range k.degree {
		p = float64(p * v)
	}
	return float32(min(max(p, -maxCompared), maxCompared)) // a NaN cannot be: |v| is finite
}

const maxCompared = 1e30

// kernelTrainer is ridge's dual form over a kernel's comparisons.
type kernelTrainer struct {
	k     *Kernel
	ridge *ridge
}

func (t *kernelTrainer) path(ctx context.Context, train, test []int, lambdas []float64) (*foldPath, error) {
	return t.ridge.path(ctx, train, test, lambdas)
}

// fit is not used: a kernel has no weights over the caller's columns.
func (t *kernelTrainer) fit(context.Context, []int, float64) (*linear, error) {
	return nil, errors.New("readout: a kernel is not linear")
}

// solve gives the weights of the training rows, len(train) x classes, and biases.
// The weights of a class sum to zero, so that of the centring of the comparisons
// only the part that belongs to the rows is left, and goes into the bias.
func (t *kernelTrainer) solve(ctx context.Context, train []int, lambda float64) (z, bias []float64, err error) {
	s := t.ridge.system(train)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	for i := range s.m {
		s.a[i*s.m+i] += float64(len(train)) * lambda
	}
	factor, ok := lapack64.Potrf(blas64.Symmetric{N: s.m, Stride: s.m, Data: s.a, Uplo: blas.Upper})
	if !ok {
		return nil, nil, fmt.Errorf("readout: kernel at lambda %g: the matrix is not positive definite, take a larger lambda", lambda)
	}
	lapack64.Potrs(factor, matrix(s.b, s.m, t.ridge.classes))
	bias = slices.Clone(s.target)
	for j, m := range s.mean {
		for c := range bias {
			bias[c] -= s.b[j*len(bias)+c] * m
		}
	}
	return s.b, bias, nil
}

// calibrate fits the temperature to the scores of held out samples.
func (t *kernelTrainer) calibrate(ctx context.Context, cv *crossValidation, r *Report) error {
	n, classes := len(cv.samples.y), t.ridge.classes
	scores := make([]float64, n*classes)
	err := cv.each(ctx, func(ctx context.Context, _ int, train, test []int) error {
		z, bias, err := t.solve(ctx, train, r.Lambda)
		if err != nil {
			return err
		}
		for _, i := range test {
			out := scores[i*classes : (i+1)*classes]
			copy(out, bias)
			for j, q := range train {
				v := t.ridge.gram[i*n+q]
				for c := range out {
					out[c] += z[j*classes+c] * v
				}
			}
		}
		return nil
	})
	if err == nil {
		r.InverseTemperature, r.LogLoss = calibrate(scores, cv.samples.y, classes)
	}
	return err
}

// check tells whether all numbers are within the bounds that keep scores finite.
func (k *Kernel) check() error {
	for _, b := range k.bias {
		if !(math.Abs(b) <= maxBias) {
			return fmt.Errorf("readout: bias %g of a kernel: expected at most %g in size", b, maxBias)
		}
	}
	return checkVector(k.weights, len(k.classes)*len(k.rows)/k.dim)
}

// Classes lists the classes' names.
func (k *Kernel) Classes() []string { return slices.Clone(k.classes) }

// Dim is the length of the vectors that the kernel judges.
func (k *Kernel) Dim() int { return k.dim }

// Rows is how many training rows the kernel compares with.
func (k *Kernel) Rows() int {
	if k.dim == 0 {
		return 0
	}
	return len(k.rows) / k.dim
}

// Lambda is the regularisation that the kernel was trained with.
func (k *Kernel) Lambda() float64 { return k.lambda }

// Class is the name of one class.
func (k *Kernel) Class(i int) string { return k.classes[i] }

// Bytes is about how much memory the kernel takes.
func (k *Kernel) Bytes() int64 { return 4*int64(len(k.rows)+len(k.weights)) + 8*int64(len(k.bias)) }

// Predict gives the class with the largest score and the confidence in it. A score
// is calibrated as a ridge model's is.
func (k *Kernel) Predict(vec []float32) (class int, confidence float64, err error) {
	scores, err := k.Scores(nil, vec)
	if err != nil {
		return 0, 0, err
	}
	class = softmax(scores, k.beta)
	return class, scores[class], nil
}

// Scores writes the score of each class into dst, which is made anew if it is too
// short, and returns it.
func (k *Kernel) Scores(dst []float64, vec []float32) ([]float64, error) {
	if err := checkVector(vec, k.dim); err != nil {
		return dst, err
	}
	n := k.Rows()
	compared := make([]float32, n)
	for i := range compared {
		compared[i] = k.compare(vec, k.rows[i*k.dim:(i+1)*k.dim])
	}
	dst = room(dst, len(k.classes))
	for c := range dst {
		dst[c] = dot(k.weights[c*n:(c+1)*n], compared) + k.bias[c]
	}
	return dst, nil
}

// The body of a marshalled kernel: classes C, dimension D, degree, rows N, each
// uint32; scale, lambda, inverse temperature, each float64; C names; C biases,
// float64; CN weights and ND entries of rows, float32.
const kernelMagic = "skrn"

// MarshalBinary gives the whole kernel.
func (k *Kernel) MarshalBinary() ([]byte, error) {
	if len(k.classes) == 0 {
		return nil, errNoModel
	}
	le := binary.LittleEndian
	b := opening(kernelMagic)
	for _, v := range []int{len(k.classes), k.dim, k.degree, k.Rows()} {
		b = le.AppendUint32(b, uint32(v))
	}
	for _, v := range []float64{k.scale, k.lambda, k.beta} {
		b = le.AppendUint64(b, math.Float64bits(v))
	}
	b = appendNames(b, k.classes)
	for _, v := range k.bias {
		b = le.AppendUint64(b, math.Float64bits(v))
	}
	return sealed(appendFloats(appendFloats(b, k.weights), k.rows)), nil
}

// UnmarshalBinary reads a kernel, checking everything. A Kernel that gets an error
// keeps what it had.
func (k *Kernel) UnmarshalBinary(data []byte) error {
	c, err := opened(data, kernelMagic)
	if err != nil {
		return err
	}
	classes, dim := c.count("classes", 2, MaxClasses), c.count("a dimension", 1, MaxDimension)
	read := &Kernel{dim: dim, degree: c.count("a degree", 1, MaxDegree)}
	n := c.count("rows", 2, maxSystem)
	read.scale = c.number("a scale", math.SmallestNonzeroFloat64, math.MaxFloat64)
	read.lambda = c.number("a lambda", 0, math.MaxFloat64)
	read.beta = c.number("an inverse temperature", 0, maxBeta)
	read.classes = c.names(classes, dim)
	for range classes {
		read.bias = append(read.bias, c.number("a bias", -maxBias, maxBias))
	}
	read.weights = c.floats(int64(classes) * int64(n))
	read.rows = c.floats(int64(n) * int64(dim))
	if err := c.end(); err != nil {
		return err
	}
	*k = *read
	return nil
}
