package readout

import (
	"errors"
	"fmt"
	"strings"
)

// Point is what cross-validation found at one lambda.
type Point struct {
	Lambda   float64 `json:"lambda"`
	Correct  int     `json:"correct"`  // held out samples judged right, over all folds
	Accuracy float64 `json:"accuracy"` // Correct over all samples: the folds' mean, weighted by their sizes
	Std      float64 `json:"std"`      // sample standard deviation of the folds' accuracies
	// Unconverged counts the folds in which logistic regression stopped early.
	Unconverged int `json:"unconverged,omitempty"`
	// Failed says that a fold had no solution; such a point is never chosen.
	Failed bool `json:"failed,omitempty"`
}

// Report is what came of a training.
type Report struct {
	Method    Method     `json:"method"`
	Classes   []string   `json:"classes"`
	Samples   int        `json:"samples"`
	Dim       int        `json:"dim"`
	Folds     int        `json:"folds"` // fewer than asked for where a class is small
	Seed      uint64     `json:"seed"`
	Grid      []Point    `json:"grid"`   // by ascending lambda
	Chosen    int        `json:"chosen"` // index into Grid: the most correct, on a tie the largest lambda
	Lambda    float64    `json:"lambda"`
	AtEdge    bool       `json:"at_edge"`     // Chosen is an end of a grid of several
	OutOfFold []int      `json:"out_of_fold"` // the class each sample was taken for by the model that had not seen it
	Confusion *Confusion `json:"confusion"`   // of OutOfFold
	// LogLoss is in nats a sample, of the held out samples. For ridge it is after
	// calibration on those same samples, which flatters it a little.
	LogLoss            float64  `json:"log_loss"`
	InverseTemperature float64  `json:"inverse_temperature"`
	Notes              []string `json:"notes,omitempty"` // what a user should know, in sentences
}

func (r *Report) note(s string) {
	if s != "" {
		r.Notes = append(r.Notes, s)
	}
}

// choose picks the lambda with the most correct, the largest of equals: counts
// are compared, not means, so that a tie is a tie.
func (r *Report) choose() error {
	r.Chosen = -1
	failed := 0
	for i, p := range r.Grid {
		if p.Failed {
			failed++
		} else if r.Chosen < 0 || p.Correct >= r.Grid[r.Chosen].Correct {
			r.Chosen = i
		}
	}
	if r.Chosen < 0 {
		return errors.New("readout: no lambda of the grid has a solution: take larger ones")
	}
	r.Lambda = r.Grid[r.Chosen].Lambda
	if len(r.Grid) > 1 && (r.Chosen == 0 || r.Chosen == len(r.Grid)-1) {
		r.AtEdge = true
		r.note(fmt.Sprintf("the chosen lambda %.3g is at the edge of the grid: a wider grid may do better", r.Lambda))
	}
	if failed > 0 {
		r.note(fmt.Sprintf("%d of %d lambdas have no solution in floating point", failed, len(r.Grid)))
	}
	if n := r.Grid[r.Chosen].Unconverged; n > 0 {
		r.note(fmt.Sprintf("at the chosen lambda %d of %d folds stopped before they converged", n, r.Folds))
	}
	return nil
}

// String is the grid as a table, the chosen lambda marked, and the notes.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d samples of dimension %d, %d classes, %d folds\n", r.Method, r.Samples, r.Dim, len(r.Classes), r.Folds)
	fmt.Fprintf(&b, "  %10s  %8s  %6s\n", "lambda", "accuracy", "std")
	for i, p := range r.Grid {
		mark, accuracy := " ", fmt.Sprintf("%7.2f%%  %5.2f%%", 100*p.Accuracy, 100*p.Std)
		if i == r.Chosen {
			mark = "*"
		}
		if p.Failed {
			accuracy = "no solution"
		}
		fmt.Fprintf(&b, "%s %10.3g  %s\n", mark, p.Lambda, accuracy)
	}
	fmt.Fprintf(&b, "log loss %.4f\n", r.LogLoss)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}
