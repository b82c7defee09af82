package fpga_test

import (
	"math"
	"slices"

	"github.com/saccade-dev/saccade/hw"
)

// neurons are the memories of what is learned.
type neurons struct {
	master     [2][][][]int32 // [bank][neuron][column][row]
	rounded    [2][][][]int16
	squares    [2][]uint32
	thresholds [2][]int32
	offset     [2]int32
}

func (l *literal) makeNeurons() {
	for bank := range 2 {
		l.squares[bank] = make([]uint32, l.passes*l.groups)
		l.thresholds[bank] = make([]int32, l.passes*l.groups)
		for range l.passes * l.groups {
			var m [][]int32
			var w [][]int16
			for range l.side() {
				m, w = append(m, make([]int32, l.b.Rows)), append(w, make([]int16, l.b.Rows))
			}
			l.master[bank], l.rounded[bank] = append(l.master[bank], m), append(l.rounded[bank], w)
		}
	}
	for i := range l.dots {
		l.dots[i] = make([][]int32, l.passes)
	}
}

// load takes the master weights, [bank][neuron][row][column], and thresholds.
func (l *literal) load(master, thresholds []int32) {
	side := l.side()
	for i, m := range master {
		column, row, neuron := i%side, i/side%side, i/side/side
		bank, k := neuron/l.c.Neurons, neuron%l.c.Neurons
		w := hw.MatchWeight(m)
		l.master[bank][k][column][row], l.rounded[bank][k][column][row] = m, w
		l.squares[bank][k] += uint32(int32(w) * int32(w))
	}
	for i, v := range thresholds {
		l.thresholds[i/l.c.Neurons][i%l.c.Neurons] = v
	}
}

// masters gives them back.
func (l *literal) masters() (master, thresholds []int32) {
	for bank := range l.c.Banks() {
		for k := range l.c.Neurons {
			for row := range l.side() {
				for column := range l.side() {
					master = append(master, l.master[bank][k][column][row])
				}
			}
			thresholds = append(thresholds, l.thresholds[bank][k]+l.offset[bank])
		}
	}
	return master, thresholds
}

// learner is the learning unit: a pull, which is computed behind a decision, and columns
// on their way through.
type learner struct {
	age         int // cycles since the last decision that learned
	learnNumber int
	learnBank   int
	learned     int // neuron
	attached    bool
	corrected   int32

	job  *learnJob    // of the last decision
	took *learnJob    // whose columns are read
	at   int          // the next of them
	cols [13]*learned // by the cycles since the column was read
}

// learnJob is what of a decision goes along with its columns.
type learnJob struct {
	number, bank, neuron int
	dot                  int32
	norm                 uint32
	shift                uint
	factor               uint32

	squares, newSquares        uint32
	t, towards, beyond, length int64
	pull                       hw.Pull
	threshold                  int32
}

type learned struct {
	*learnJob
	column     int
	context    []int16
	next       []int16 // of the event behind
	master     []int32
	w          []int16
	normalised []int16
	difference []int16
	a, b       []int32
	squaresOf  []int32
	products   []int32
	sums       [3]int32
	squareSums [3]int32
}

func (l *literal) beginLearning(t literalToken, won candidate) {
	s := &l.slots[t.number%8]
	j := &learnJob{number: t.number, bank: t.bank, neuron: won.neuron, dot: won.dot, norm: s.norm, shift: s.shift, factor: s.factor}
	l.set(func() {
		l.job, l.age, l.attached = j, -1, false // the age is counted up behind this
		l.learnNumber, l.learnBank, l.learned = t.number, t.bank, won.neuron
	})
}

func (l *literal) learnColumns() {
	l.set(func() { l.age++ })
	if l.age == 0 && l.matching > l.learnNumber+1 && l.slots[(l.learnNumber+1)%8].bank == l.learnBank {
		l.set(func() { l.attached = true })
	}
	if l.job != nil {
		l.pullStages(l.job)
	}

	var read *learned
	took, at := l.took, l.at
	if l.age == 2 {
		took, at = l.job, 0
	}
	if took != nil {
		read = &learned{learnJob: took, column: at, context: slices.Clone(l.slots[took.number%8].columns[at]), master: slices.Clone(l.master[took.bank][took.neuron][at])}
		if at++; at == l.side() {
			s := &l.slots[took.number%8]
			took = nil
			l.set(func() { s.busy = false })
		}
		l.set(func() { l.took, l.at = took, at })
	}
	old := l.cols
	l.set(func() { copy(l.cols[2:], old[1:12]); l.cols[1] = read })
	l.columnStages(old)
}

// pullStages compute hw.NewPull a stage a cycle.
func (l *literal) pullStages(j *learnJob) {
	const one = math.MaxInt16 * math.MaxInt16
	eta := int64(l.c.Rates[j.bank].Eta)
	switch l.age {
	case 0:
		l.set(func() {
			j.squares = l.squares[j.bank][j.neuron]
			j.t = int64(j.dot) * int64(j.factor) >> (16 - min(j.shift, 16))
			j.threshold = l.thresholds[j.bank][j.neuron] + l.c.Rates[j.bank].DeltaI
		})
	case 1:
		l.set(func() {
			j.towards, j.beyond = j.t-int64(j.squares), one-2*j.t+int64(j.squares)
			l.thresholds[j.bank][j.neuron] = j.threshold
		})
	case 2:
		l.set(func() { j.towards, j.beyond = j.towards*eta>>31, j.beyond*eta>>32 })
	case 3:
		l.set(func() { j.length = int64(j.squares) + j.towards + j.beyond*eta>>32 })
	case 4:
		l.set(func() {
			j.pull.Shift, j.pull.Factor = j.shift, uint16(j.factor)
			j.pull.Rate, j.pull.Drop = hw.Rate(l.c.Rates[j.bank].Eta)
			round := 2*15 + 1 - (24 - 15) - j.pull.Drop
			j.pull.Renormal = int16(max(min((one-j.length+1<<(round-1))>>round, math.MaxInt16), math.MinInt16))
		})
	}
}

func (l *literal) columnStages(old [13]*learned) {
	stage := func(i int, f func(c *learned)) {
		if c := old[i]; c != nil {
			l.set(func() { f(c) })
		}
	}
	stage(1, func(c *learned) {
		for row, m := range c.master {
			c.w = append(c.w, hw.MatchWeight(m))
			c.normalised = append(c.normalised, int16(uint32(uint16(c.context[row])<<c.shift)*c.factor>>16))
		}
	})
	stage(2, func(c *learned) {
		for row, w := range c.w {
			c.difference = append(c.difference, hw.Difference(c.normalised[row], w))
		}
	})
	stage(3, func(c *learned) {
		for row, w := range c.w {
			c.a, c.b = append(c.a, int32(c.difference[row])*int32(c.pull.Rate)), append(c.b, int32(w)*int32(c.pull.Renormal))
		}
	})
	stage(4, func(c *learned) {
		for row := range c.a {
			c.a[row] += c.b[row] + 1<<(c.pull.Drop-1)
		}
	})
	stage(5, func(c *learned) {
		for row := range c.a {
			c.master[row] += c.a[row] >> c.pull.Drop
		}
	})
	stage(6, func(c *learned) {
		for row, m := range c.master {
			c.w[row] = hw.MatchWeight(m)
		}
	})
	// The context behind is read in the cycle before the column is written.
	if c := old[6]; c != nil && l.attached && l.learnNumber == c.number {
		c.next = slices.Clone(l.slots[(c.number+1)%8].columns[c.column])
	}
	if c := old[7]; c != nil {
		l.set(func() {
			copy(l.master[c.bank][c.neuron][c.column], c.master)
			copy(l.rounded[c.bank][c.neuron][c.column], c.w)
			c.squaresOf = products(c.w, c.w)
			if c.next != nil {
				c.products = products(c.w, c.next)
			}
		})
	}
	stage(8, func(c *learned) { c.sums, c.squareSums = threeSums(c.products), threeSums(c.squaresOf) })
	stage(9, func(c *learned) {
		if c.column == 0 {
			c.newSquares = 0
			if c.next != nil {
				l.corrected = 0
			}
		}
		c.newSquares += uint32(c.squareSums[0] + c.squareSums[1] + c.squareSums[2])
		if c.next != nil {
			l.corrected += c.sums[0] + c.sums[1] + c.sums[2]
		}
	})
	if c := old[10]; c != nil && c.column == l.side()-1 {
		sum := c.newSquares
		l.set(func() { l.squares[c.bank][c.neuron] = sum })
	}
}
