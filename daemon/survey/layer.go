package survey

import (
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/features/feast"
)

// BankNames are the names of a layer's banks.
func BankNames(m feast.Mode) []string {
	switch m {
	case feast.Split:
		return []string{"OFF", "ON"}
	case feast.On:
		return []string{"ON"}
	case feast.Planes:
		return []string{"planes"}
	}
	return []string{"merged"}
}

// maxMoments is how many points a curve has at the most.
const maxMoments = 500

// Picture gives a layer as the report draws it: what it has learned, where features won
// by counts, and its history, of which wins are those of the last moment.
func Picture(c feast.Config, w feast.Weights, counts *Counts, history []Moment) report.Layer {
	weights, thresholds := w.Float()
	l := report.Layer{Radius: c.Radius, Planes: c.Planes, DeltaI: c.DeltaI, DeltaE: c.DeltaE, Field: counts.Field()}
	n := c.Elements()
	every := max(1, len(history)/maxMoments)
	for b, name := range BankNames(c.Mode) {
		from, to := b*c.Neurons, (b+1)*c.Neurons
		bank := report.Bank{Name: name, Thresholds: thresholds[from:to], Places: counts.Places(from, to)}
		for f := from; f < to; f++ {
			bank.Weights = append(bank.Weights, weights[f*n:(f+1)*n])
			if len(history) > 0 {
				bank.Wins = append(bank.Wins, int64(history[len(history)-1].Wins[f]))
			}
		}
		for i, m := range history {
			if i%every == 0 || i == len(history)-1 {
				bank.History = append(bank.History, m.sample(b, from, to))
			}
		}
		l.Banks = append(l.Banks, bank)
	}
	return l
}

// Moment is what is seen of a layer when a recording ends, since the run began.
type Moment struct {
	Hits, Missed []uint64 // by bank
	Wins         []uint64 // by feature
	Thresholds   []float64
}

// Look takes a moment of a layer.
func Look(l *feast.Layer) Moment {
	_, thresholds := feast.Weights{Thresholds: l.Thresholds()}.Float()
	c := l.Counters()
	return Moment{Hits: bankHits(l.Config(), c.Wins), Missed: c.BankMissed, Wins: c.Wins, Thresholds: thresholds}
}

// bankHits sums what each bank's features have won.
func bankHits(c feast.Config, wins []uint64) []uint64 {
	hits := make([]uint64, c.Banks())
	for f, n := range wins {
		hits[f/c.Neurons] += n
	}
	return hits
}

// sample is the moment of a bank, of features from to to-1.
func (m Moment) sample(bank, from, to int) report.Sample {
	s := report.Sample{Events: int64(m.Hits[bank] + m.Missed[bank]), Missed: int64(m.Missed[bank])}
	if m.Thresholds != nil {
		s.Thresholds = m.Thresholds[from:to]
	}
	return s
}

// Settled counts hits and missed events in the second half of a history: the first is
// the thresholds' way to their balance.
func Settled(history []Moment) (hits, missed uint64) {
	n := len(history)
	if n == 0 {
		return 0, 0
	}
	hits, missed = sum(history[n-1].Hits), sum(history[n-1].Missed)
	if n > 1 {
		half := history[n/2-1]
		hits, missed = hits-sum(half.Hits), missed-sum(half.Missed)
	}
	return hits, missed
}

func sum(counts []uint64) (all uint64) {
	for _, n := range counts {
		all += n
	}
	return all
}
