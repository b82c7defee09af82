package command

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// readoutFlags say which readout to train. Their defaults are those of package readout.
type readoutFlags struct {
	Method     string `help:"How to recognise. ridge, logistic: linear; elm: a random hidden layer and ridge; kernel: ridge on products of several values; knn: the nearest in binary code." enum:"ridge,logistic,elm,kernel,knn" placeholder:"NAME" default:"ridge"`
	Hidden     int    `help:"Units of the hidden layer (elm)." default:"2000"`
	Activation string `help:"What a hidden unit does to its sum (elm)." enum:"softsign,relu" placeholder:"NAME" default:"softsign"`
	Degree     int    `help:"How many values are multiplied (kernel)." default:"4"`
	Neighbours []int  `help:"Numbers of neighbours to choose from, comma separated (knn)." placeholder:"K" default:"1,3,5,7,9"`
	Code       string `help:"What has a bit: values above their median, or the largest sixteenth (knn)." enum:"median,top" placeholder:"NAME" default:"median"`
}

func (f *readoutFlags) training(g given) (readout.Training, error) {
	if err := f.partners(g); err != nil {
		return readout.Training{}, err
	}
	t := readout.Training{
		Method: readout.Method(f.Method), Hidden: f.Hidden, Activation: readout.Activation(f.Activation),
		Degree: f.Degree, Neighbours: f.Neighbours, Code: readout.Code(f.Code),
	}
	switch {
	case f.Hidden < 1 || f.Hidden > readout.MaxHidden:
		return t, usageError{fmt.Errorf("--hidden: expected 1 to %d, found %d", readout.MaxHidden, f.Hidden)}
	case f.Degree < 1 || f.Degree > readout.MaxDegree:
		return t, usageError{fmt.Errorf("--degree: expected 1 to %d, found %d", readout.MaxDegree, f.Degree)}
	}
	if len(f.Neighbours) == 0 {
		return t, usageError{errors.New("--neighbours: expected one number or several, found none")}
	}
	for _, k := range f.Neighbours {
		if k < 1 || k > readout.MaxNeighbours {
			return t, usageError{fmt.Errorf("--neighbours: expected 1 to %d, found %d", readout.MaxNeighbours, k)}
		}
	}
	return t, nil
}

// partners refuses flags of other methods.
func (f *readoutFlags) partners(g given) error {
	var of []error
	for _, m := range []struct {
		method readout.Method
		flags  []string
	}{
		{readout.MethodELM, []string{"hidden", "activation"}},
		{readout.MethodKernel, []string{"degree"}},
		{readout.MethodKNN, []string{"neighbours", "code"}},
	} {
		if readout.Method(f.Method) != m.method {
			of = append(of, g.unused(fmt.Sprintf("--method %s with it", m.method), m.flags...))
		}
	}
	return firstOf(of...)
}

// descriptorFlags say how a descriptor counts over time.
type descriptorFlags struct {
	Descriptor []string        `help:"What the readout judges, one or several: counts, of all; bins, counts by time since the first event; decayed, what was seen last." enum:"counts,bins,decayed" placeholder:"NAME" default:"counts"`
	Bins       int             `help:"Bins of time; the last has no end (bins)." default:"3"`
	BinMS      float64         `name:"bin-ms" help:"Width of a bin in milliseconds (bins)." placeholder:"MS" default:"105"`
	DecayTau   []time.Duration `help:"Time constants; one descriptor each (decayed)." placeholder:"TIME" default:"30ms"`
}

func (f *descriptorFlags) parts(g given) ([]pool.Part, error) {
	if err := f.partners(g); err != nil {
		return nil, err
	}
	var out []pool.Part
	for _, name := range f.Descriptor {
		switch kind := pool.Kind(name); kind {
		case pool.KindBins:
			// The comparison refuses what is no number, too.
			if !(f.BinMS >= 0.001 && f.BinMS <= 1e7) {
				return nil, usageError{fmt.Errorf("--bin-ms: expected 0.001 to 10000000, found %g", f.BinMS)}
			}
			edges, err := pool.Even(f.Bins, time.Duration(f.BinMS*1000+0.5)*time.Microsecond)
			if err != nil {
				return nil, usageError{fmt.Errorf("--bins: %w", err)}
			}
			out = append(out, pool.Part{Kind: kind, Edges: edges})
		case pool.KindDecayed:
			for _, tau := range f.DecayTau {
				if tau%time.Microsecond != 0 {
					return nil, usageError{fmt.Errorf("--decay-tau: expected whole microseconds, found %v", tau)}
				}
				out = append(out, pool.Part{Kind: kind, Tau: tau.Microseconds()})
			}
		default:
			out = append(out, pool.Part{Kind: kind})
		}
	}
	return out, nil
}

// partners refuses flags of descriptors that are not asked for, and a list of none.
func (f *descriptorFlags) partners(g given) error {
	if len(f.Descriptor) == 0 {
		return usageError{errors.New("--descriptor: expected one or several of counts, bins, decayed, found none")}
	}
	if name, found := twice(f.Descriptor); found {
		return usageError{fmt.Errorf("--descriptor: expected each once, found %s twice", name)}
	}
	var bins, decayed error
	if !slices.Contains(f.Descriptor, string(pool.KindBins)) {
		bins = g.unused("--descriptor bins with it", "bins", "bin-ms")
	}
	if !slices.Contains(f.Descriptor, string(pool.KindDecayed)) {
		decayed = g.unused("--descriptor decayed with it", "decay-tau")
	} else if len(f.DecayTau) == 0 {
		decayed = usageError{errors.New("--decay-tau: expected one time constant or several, found none")}
	}
	return firstOf(bins, decayed)
}
