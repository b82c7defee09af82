package readout

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// DefaultFolds is how many folds cross-validation has where nothing is said.
const DefaultFolds = 5

// maxLambdas bounds a grid.
const maxLambdas = 1000

// Options say how to train. The zero value is ridge regression over the default
// grid in five folds.
type Options struct {
	Method Method // Ridge if empty
	// Lambdas is the grid, in any order. If empty, it is 20 (ridge) or 12
	// (logistic) values over several decades in units of the samples' mean squared
	// distance from their mean.
	Lambdas []float64
	Folds   int    // DefaultFolds if 0; fewer where a class has fewer samples
	Seed    uint64 // decides which samples share a fold
	Workers int    // folds trained at a time, GOMAXPROCS if 0; each needs a matrix of min(n, d) squared float64
	// Progress, if set, is told how many of the fits are done, from one goroutine
	// at a time.
	Progress func(done, total int)
}

// trainer trains on subsets of samples that it knows.
type trainer interface {
	// path trains on train at every lambda, in ascending order, and judges test.
	path(ctx context.Context, train, test []int, lambdas []float64) (*foldPath, error)
	// fit trains on train at one lambda.
	fit(ctx context.Context, train []int, lambda float64) (*linear, error)
}

// foldPath is what one fold's held out samples were taken for at each lambda.
type foldPath struct {
	predicted   [][]int16 // lambdas x samples
	failed      []bool    // no solution at this lambda
	unconverged []bool
	loss        []float64 // summed over the samples, where the method gives probabilities
}

func newFoldPath(lambdas, samples int) *foldPath {
	p := &foldPath{
		predicted: make([][]int16, lambdas), failed: make([]bool, lambdas),
		unconverged: make([]bool, lambdas), loss: make([]float64, lambdas),
	}
	for i := range p.predicted {
		p.predicted[i] = make([]int16, samples)
	}
	return p
}

// linear is a trained classifier over the caller's rows.
type linear struct {
	weights     []float64 // classes x dim
	bias        []float64
	unconverged bool
}

// LogGrid is n values from lo to hi at equal ratios.
func LogGrid(lo, hi float64, n int) []float64 {
	grid := make([]float64, n)
	for i := range grid {
		grid[i] = lo
		if i > 0 {
			grid[i] = lo * math.Pow(hi/lo, float64(i)/float64(n-1))
		}
	}
	return grid
}

// Train chooses lambda by cross-validation and trains a model with it on all
// samples. It looks at ctx between matrix operations. The longest of these takes
// about half a second where the smaller of samples and dimension is 1,000, about a
// minute at 4,000, and grows with its cube.
func Train(ctx context.Context, data Data, o Options) (*Model, *Report, error) {
	s, err := newSamples(data)
	if err != nil {
		return nil, nil, err
	}
	if o, err = o.withDefaults(); err != nil {
		return nil, nil, err
	}
	report := &Report{Method: o.Method, Classes: s.classes, Samples: len(s.y), Dim: s.dim, Seed: o.Seed}
	var note string
	if report.Folds, note, err = foldsFor(s, o.Folds); err != nil {
		return nil, nil, err
	}
	report.note(note)
	x := newDesign(s)
	if x.scale == 0 {
		return nil, nil, errors.New("readout: all rows are equal: there is nothing to learn from")
	}
	if len(o.Lambdas) == 0 {
		o.Lambdas = defaultGrid(o.Method, x.scale)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	var t trainer
	if o.Method == Ridge {
		if t, err = newRidge(x, s); err != nil {
			return nil, nil, err
		}
	} else {
		t = newLogistic(x, s)
	}
	cv := &crossValidation{samples: s, trainer: t, options: o, fold: stratify(s, report.Folds, o.Seed), folds: report.Folds}
	if err := cv.run(ctx, report); err != nil {
		return nil, nil, err
	}

	beta := 1.0
	if o.Method == Ridge {
		if beta, report.LogLoss, err = cv.calibrate(ctx, report.Lambda); err != nil {
			return nil, nil, err
		}
	}
	final, err := t.fit(ctx, sequence(len(s.y)), report.Lambda)
	if err != nil {
		return nil, nil, err
	}
	if final.unconverged {
		report.note("the model on all samples stopped before it converged")
	}
	model, err := final.model(s, o.Method, report.Lambda, beta)
	if err != nil {
		return nil, nil, err
	}
	report.InverseTemperature = beta
	cv.progress(1)
	return model, report, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Method == "" {
		o.Method = Ridge
	}
	if !slices.Contains(methods, o.Method) {
		return o, fmt.Errorf("readout: unknown method %q: known are %q", o.Method, methods)
	}
	if o.Folds == 0 {
		o.Folds = DefaultFolds
	}
	if o.Folds < 2 {
		return o, fmt.Errorf("readout: %d folds: expected 2 or more", o.Folds)
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Workers < 1 {
		return o, fmt.Errorf("readout: %d workers: expected 1 or more", o.Workers)
	}
	if len(o.Lambdas) > maxLambdas {
		return o, fmt.Errorf("readout: a grid of %d lambdas: expected %d at most", len(o.Lambdas), maxLambdas)
	}
	o.Lambdas = slices.Clone(o.Lambdas)
	slices.Sort(o.Lambdas)
	o.Lambdas = slices.Compact(o.Lambdas)
	for _, l := range o.Lambdas {
		if !(l > 0) || math.IsInf(l, 0) {
			return o, fmt.Errorf("readout: lambda %g: expected a finite number above 0", l)
		}
	}
	return o, nil
}

func defaultGrid(m Method, scale float64) []float64 {
	if m == Logistic {
		return LogGrid(1e-6*scale, 1e-1*scale, 12)
	}
	return LogGrid(1e-6*scale, 10*scale, 20)
}

// model rounds a trained classifier to what a Model keeps.
func (l *linear) model(s *samples, m Method, lambda, beta float64) (*Model, error) {
	p := Parameters{Method: m, Classes: s.classes, Bias: l.bias, Lambda: lambda, InverseTemperature: beta}
	for c := range s.classes {
		row := make([]float32, s.dim)
		for j, w := range l.weights[c*s.dim : (c+1)*s.dim] {
			row[j] = float32(w)
		}
		p.Weights = append(p.Weights, row)
	}
	return NewModel(p)
}

// crossValidation is one run over the folds.
type crossValidation struct {
	samples *samples
	trainer trainer
	options Options
	fold    []int // of each sample
	folds   int

	mu   sync.Mutex
	done int
}

func (cv *crossValidation) progress(fits int) {
	if cv.options.Progress == nil {
		return
	}
	cv.mu.Lock()
	defer cv.mu.Unlock()
	cv.done += fits
	cv.options.Progress(cv.done, cv.folds*len(cv.options.Lambdas)+1)
}

// each runs work for every fold, as many at a time as there are workers, and
// waits for all.
func (cv *crossValidation) each(ctx context.Context, work func(ctx context.Context, f int, train, test []int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cv.options.Workers)
	for f := range cv.folds {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			train, test := split(cv.fold, f)
			return work(ctx, f, train, test)
		})
	}
	return group.Wait()
}

// run judges every sample by models that were trained without it, and chooses.
func (cv *crossValidation) run(ctx context.Context, r *Report) error {
	lambdas := cv.options.Lambdas
	paths := make([]*foldPath, cv.folds)
	tests := make([][]int, cv.folds)
	err := cv.each(ctx, func(ctx context.Context, f int, train, test []int) error {
		p, err := cv.trainer.path(ctx, train, test, lambdas)
		paths[f], tests[f] = p, test
		if err == nil {
			cv.progress(len(lambdas))
		}
		return err
	})
	if err != nil {
		return err
	}
	s := cv.samples
	for i, lambda := range lambdas {
		point := Point{Lambda: lambda}
		accuracy := make([]float64, cv.folds)
		for f, p := range paths {
			right := 0
			for k, c := range p.predicted[i] {
				if s.y[tests[f][k]] == int(c) {
					right++
				}
			}
			point.Correct += right
			accuracy[f] = float64(right) / float64(len(tests[f]))
			point.Failed = point.Failed || p.failed[i]
			if p.unconverged[i] {
				point.Unconverged++
			}
		}
		if point.Failed {
			point.Correct = 0
		} else {
			point.Accuracy = float64(point.Correct) / float64(len(s.y))
			point.Std = deviation(accuracy)
		}
		r.Grid = append(r.Grid, point)
	}
	if err := r.choose(); err != nil {
		return err
	}
	r.OutOfFold = make([]int, len(s.y))
	r.Confusion = NewConfusion(s.classes)
	for f, p := range paths {
		for k, c := range p.predicted[r.Chosen] {
			r.OutOfFold[tests[f][k]] = int(c)
		}
		r.LogLoss += p.loss[r.Chosen] / float64(len(s.y))
	}
	for i, c := range r.OutOfFold {
		r.Confusion.Add(s.y[i], c)
	}
	return nil
}

// calibrate trains each fold once more at the chosen lambda and fits the
// temperature to the scores of the held out samples, as a Model computes them.
func (cv *crossValidation) calibrate(ctx context.Context, lambda float64) (beta, loss float64, err error) {
	s := cv.samples
	classes := len(s.classes)
	scores := make([]float64, len(s.y)*classes)
	err = cv.each(ctx, func(ctx context.Context, _ int, train, test []int) error {
		l, err := cv.trainer.fit(ctx, train, lambda)
		if err != nil {
			return err
		}
		m, err := l.model(s, cv.options.Method, lambda, 1)
		if err != nil {
			return err
		}
		for _, i := range test {
			m.score(scores[i*classes:(i+1)*classes], s.rows[i])
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	beta, loss = calibrate(scores, s.y, classes)
	return beta, loss, nil
}

// deviation is the sample standard deviation.
func deviation(v []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		sum += (x - mean) * (x - mean)
	}
	return math.Sqrt(sum / float64(len(v)-1))
}
