package feast

import "github.com/saccade-dev/saccade/features/surface"

// bookkeeping is what a layer remembers beside the memories that an engine has.
type bookkeeping struct {
	surface  surface.Surface // without cells
	learned  [2]uint64
	learning bool
	counters Counters
}

func (k *bookkeeping) take(l *Layer) {
	k.surface = *l.surface
	k.surface.Cells = nil
	for i := range l.banks {
		k.learned[i] = l.banks[i].learned
	}
	k.learning = l.learning
	wins, missed := k.counters.Wins[:0], k.counters.BankMissed[:0]
	wins, missed = append(wins, l.counters.Wins...), append(missed, l.counters.BankMissed...)
	k.counters = l.counters
	k.counters.Wins, k.counters.BankMissed = wins, missed
}

// put gives it back to the layer; its cells and its counters' slices stay its own.
func (k *bookkeeping) put(l *Layer) {
	cells := l.surface.Cells
	*l.surface = k.surface
	l.surface.Cells = cells
	for i := range l.banks {
		l.banks[i].learned = k.learned[i]
		l.banks[i].setRates(&l.config)
	}
	l.setLearning(k.learning)
	wins, missed := l.counters.Wins, l.counters.BankMissed
	l.counters = k.counters
	l.counters.Wins, l.counters.BankMissed = wins, missed
	copy(wins, k.counters.Wins)
	copy(missed, k.counters.BankMissed)
}
