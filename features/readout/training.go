package readout

import (
	"context"
	"fmt"
	"slices"
)

// The methods of readouts that are not linear. A [Model] is never of these.
const (
	MethodELM    Method = "elm"
	MethodKernel Method = "kernel"
	MethodKNN    Method = "knn"
)

// Methods are all ways to train a readout.
func Methods() []Method { return append(slices.Clone(methods), MethodELM, MethodKernel, MethodKNN) }

// Training says which readout to train and how. What a method has no use for is
// ignored.
type Training struct {
	Method Method // Ridge if empty
	// Options are those of cross-validation; their Method is ignored.
	Options    Options
	Hidden     int        // of an ELM; DefaultHidden if 0
	Activation Activation // of an ELM; Softsign if empty
	Degree     int        // of a Kernel; DefaultDegree if 0
	Neighbours []int      // of a KNN; see KNNOptions
	Code       Code       // of a KNN; CodeMedian if empty
}

// Train trains the readout. There is no report of a KNN, which has nothing to choose
// but the number of neighbours.
func (t Training) Train(ctx context.Context, data Data) (Classifier, *Report, error) {
	o := t.Options
	o.Method = Ridge
	switch t.Method {
	case "", Ridge, Logistic:
		o.Method = t.Method
		return classifier(Train(ctx, data, o))
	case MethodELM:
		return classifier(TrainELM(ctx, data, ELMOptions{Hidden: t.Hidden, Activation: t.Activation, Seed: o.Seed, Options: o}))
	case MethodKernel:
		return classifier(TrainKernel(ctx, data, KernelOptions{Degree: t.Degree, Options: o}))
	case MethodKNN:
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		m, _, err := TrainKNN(data, KNNOptions{Neighbours: t.Neighbours, Code: t.Code})
		if err != nil {
			return nil, nil, err
		}
		return m, nil, nil
	}
	return nil, nil, fmt.Errorf("readout: unknown method %q: known are %q", t.Method, Methods())
}

// classifier is a result of training without a pointer to nothing in it.
func classifier[C Classifier](c C, r *Report, err error) (Classifier, *Report, error) {
	if err != nil {
		return nil, nil, err
	}
	return c, r, nil
}
