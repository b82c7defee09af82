package readout

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Code says how a vector is made binary.
type Code string

// The codes.
const (
	// CodeMedian sets the bit of an entry that is above its median over the
	// training rows; the default.
	CodeMedian Code = "median"
	// CodeTop sets the bits of the largest sixteenth of the entries, of equals
	// those that come first; entries that are not above zero have no bit.
	CodeTop Code = "top"
)

// codes in the order of their codes in a marshalled KNN. Only append.
var codes = []Code{CodeMedian, CodeTop}

// MaxNeighbours is the most neighbours that vote.
const MaxNeighbours = 255

// maxStored bounds the training rows that a KNN keeps.
const maxStored = 1 << 24

// KNN is the k nearest neighbours of binary codes: the training rows that differ
// from a vector in the fewest bits vote on its class. Everything about a prediction
// but the confidence is integer.
//
// Of rows at equal distance those that were given first are nearer. The class with
// the most votes wins, of equals that whose votes are nearer in sum, and then the
// one with the lower index.
//
// The confidence in a class with v votes is how often a training row's class that
// got v votes from the others was right, (right+1)/(all+2), made to rise with v.
type KNN struct {
	classes    []string
	dim        int
	k          int
	code       Code
	thresholds []float32 // CodeMedian: one an entry
	rows       []uint64  // n codes, of words() each
	labels     []uint16
	confidence []float64 // by votes, 1 to k
}

// KNNOptions say how to train a KNN.
type KNNOptions struct {
	// Neighbours are the numbers of neighbours to choose from, in any order, each
	// from 1 to MaxNeighbours and below the number of samples; 1, 3, 5, 7 and 9, as
	// far as there are samples, if empty.
	Neighbours []int
	Code       Code // CodeMedian if empty
}

// TrainKNN keeps the codes of all samples and chooses the number of neighbours by
// leaving one out: the most right, the fewest neighbours of equals. It gives how
// many samples were named right by the others.
func TrainKNN(data Data, o KNNOptions) (m *KNN, right int, err error) {
	if o.Code == "" {
		o.Code = CodeMedian
	}
	if !slices.Contains(codes, o.Code) {
		return nil, 0, fmt.Errorf("readout: unknown code %q: known are %q", o.Code, codes)
	}
	s, err := newSamples(data)
	if err != nil {
		return nil, 0, err
	}
	n := len(s.rows)
	m = &KNN{classes: s.classes, dim: s.dim, code: o.Code}
	if n > maxStored/m.words() {
		return nil, 0, fmt.Errorf("readout: neighbours among %d samples of dimension %d: expected %d samples at most", n, s.dim, maxStored/m.words())
	}
	grid := slices.Clone(o.Neighbours)
	if len(grid) == 0 {
		grid = slices.DeleteFunc([]int{1, 3, 5, 7, 9}, func(k int) bool { return k >= n })
	}
	slices.Sort(grid)
	grid = slices.Compact(grid)
	if low, high := grid[0], grid[len(grid)-1]; low < 1 || high > MaxNeighbours || high >= n {
		return nil, 0, fmt.Errorf("readout: %d to %d neighbours among %d samples: expected 1 to %d, and fewer than samples", low, high, n, MaxNeighbours)
	}
	if m.code == CodeMedian {
		m.medians(s.rows)
	}
	m.rows = make([]uint64, n*m.words())
	for i, row := range s.rows {
		m.encode(m.rows[i*m.words():(i+1)*m.words()], row)
		m.labels = append(m.labels, uint16(s.y[i]))
	}
	return m, m.leaveOneOut(grid), nil
}

// words is the length of a code.
func (m *KNN) words() int { return (m.dim + 63) / 64 }

// medians sets thresholds to the lower median of each column.
func (m *KNN) medians(rows [][]float32) {
	m.thresholds = make([]float32, m.dim)
	column := make([]float32, len(rows))
	for j := range m.thresholds {
		for i, row := range rows {
			column[i] = row[j]
		}
		slices.Sort(column)
		m.thresholds[j] = column[(len(column)-1)/2]
	}
}

// encode writes the code of a vector.
func (m *KNN) encode(code []uint64, vec []float32) {
	clear(code)
	if m.code == CodeMedian {
		for j, v := range vec {
			if v > m.thresholds[j] {
				code[j/64] |= 1 << (j % 64)
			}
		}
		return
	}
	order := sequence(m.dim)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(vec[b], vec[a]) })
	for _, j := range order[:(m.dim+15)/16] {
		if vec[j] > 0 {
			code[j/64] |= 1 << (j % 64)
		}
	}
}

// neighbour is a training row and in how many bits it differs.
type neighbour struct{ distance, row int }

// nearest are the k rows nearest to a code, without one of them if that is 0 or
// more. They are in near, which has room for k.
func (m *KNN) nearest(near []neighbour, code []uint64, k, without int) []neighbour {
	near = near[:0]
	for i := range m.labels {
		if i == without {
			continue
		}
		distance := 0
		for w, v := range m.rows[i*len(code) : (i+1)*len(code)] {
			distance += bits.OnesCount64(v ^ code[w])
		}
		if len(near) == k && distance >= near[k-1].distance {
			continue
		}
		at := len(near)
		for at > 0 && near[at-1].distance > distance {
			at--
		}
		if len(near) < k {
			near = append(near, neighbour{})
		}
		copy(near[at+1:], near[at:])
		near[at] = neighbour{distance, i}
	}
	return near
}

// count is how many votes each class has, and the sum of their distances.
func (m *KNN) count(near []neighbour) (count, sum []int) {
	count, sum = make([]int, len(m.classes)), make([]int, len(m.classes))
	for _, v := range near {
		c := m.labels[v.row]
		count[c]++
		sum[c] += v.distance
	}
	return count, sum
}

// vote is the class that the neighbours name, and with how many votes.
func (m *KNN) vote(near []neighbour) (class, votes int) {
	count, sum := m.count(near)
	for c := range count {
		if count[c] > count[class] || count[c] == count[class] && sum[c] < sum[class] {
			class = c
		}
	}
	return class, count[class]
}

// leaveOneOut chooses k of an ascending grid, fills in confidence and tells how
// many samples the others named right.
func (m *KNN) leaveOneOut(grid []int) (best int) {
	most := grid[len(grid)-1]
	right, all := make([][]int, len(grid)), make([][]int, len(grid)) // by votes
	for g, k := range grid {
		right[g], all[g] = make([]int, k+1), make([]int, k+1)
	}
	near := make([]neighbour, 0, most)
	words := m.words()
	for i, label := range m.labels {
		near = m.nearest(near, m.rows[i*words:(i+1)*words], most, i)
		for g, k := range grid {
			class, votes := m.vote(near[:k])
			all[g][votes]++
			if class == int(label) {
				right[g][votes]++
			}
		}
	}
	best = -1
	for g, k := range grid {
		total := 0
		for _, n := range right[g] {
			total += n
		}
		if total <= best {
			continue
		}
		best, m.k = total, k
		m.confidence = make([]float64, k)
		least := 1 / float64(len(m.classes)) // what guessing is worth
		for v := range k {
			least = max(least, float64(right[g][v+1]+1)/float64(all[g][v+1]+2))
			m.confidence[v] = least
		}
	}
	return best
}

// Classes lists the classes' names.
func (m *KNN) Classes() []string { return slices.Clone(m.classes) }

// Dim is the length of the vectors that are judged.
func (m *KNN) Dim() int { return m.dim }

// Neighbours is how many neighbours vote.
func (m *KNN) Neighbours() int { return m.k }

// Class is the name of one class.
func (m *KNN) Class(i int) string { return m.classes[i] }

// Bytes is about how much memory the codes and thresholds take.
func (m *KNN) Bytes() int64 {
	return 8*int64(len(m.rows)) + 2*int64(len(m.labels)) + 4*int64(len(m.thresholds)) + 8*int64(len(m.confidence))
}

// Predict gives the class that the nearest training rows name and the confidence.
func (m *KNN) Predict(vec []float32) (class int, confidence float64, err error) {
	near, err := m.neighbours(vec)
	if err != nil {
		return 0, 0, err
	}
	class, votes := m.vote(near)
	return class, m.confidence[votes-1], nil
}

// Scores writes each class's share of the votes into dst, which is made anew if it is
// too short, and returns it. Less than one vote is taken from it: the sum of the
// distances as a share of the largest that there can be, which decides among equal
// votes, as in Predict.
func (m *KNN) Scores(dst []float64, vec []float32) ([]float64, error) {
	near, err := m.neighbours(vec)
	if err != nil {
		return dst, err
	}
	count, sum := m.count(near)
	dst = room(dst, len(m.classes))
	for c := range dst {
		// One rounding for each operation: there is nothing to fuse.
		share := float64(sum[c]) / float64(m.k*(m.dim+1))
		dst[c] = (float64(count[c]) - share) / float64(m.k)
	}
	return dst, nil
}

// neighbours are the training rows nearest to a vector.
func (m *KNN) neighbours(vec []float32) ([]neighbour, error) {
	if err := checkVector(vec, m.dim); err != nil {
		return nil, err
	}
	code := make([]uint64, m.words())
	m.encode(code, vec)
	return m.nearest(make([]neighbour, 0, m.k), code, m.k, -1), nil
}

// The body of a marshalled KNN: classes C, dimension D, k, code, rows N, each
// uint32; C names; k confidences, float64; with CodeMedian D thresholds, float32; N
// labels, uint16; N codes of D/64 words, rounded up, uint64, bits from D on zero.
const knnMagic = "sknn"

// MarshalBinary gives everything, the codes of the training rows included.
func (m *KNN) MarshalBinary() ([]byte, error) {
	if len(m.classes) == 0 {
		return nil, errNoModel
	}
	le := binary.LittleEndian
	b := opening(knnMagic)
	for _, v := range []int{len(m.classes), m.dim, m.k, slices.Index(codes, m.code), len(m.labels)} {
		b = le.AppendUint32(b, uint32(v))
	}
	b = appendNames(b, m.classes)
	for _, v := range m.confidence {
		b = le.AppendUint64(b, math.Float64bits(v))
	}
	b = appendFloats(b, m.thresholds)
	for _, v := range m.labels {
		b = le.AppendUint16(b, v)
	}
	for _, v := range m.rows {
		b = le.AppendUint64(b, v)
	}
	return sealed(b), nil
}

// UnmarshalBinary reads what MarshalBinary gives, checking everything. A KNN that
// gets an error keeps what it had.
func (m *KNN) UnmarshalBinary(data []byte) error {
	c, err := opened(data, knnMagic)
	if err != nil {
		return err
	}
	classes := c.count("classes", 2, MaxClasses)
	read := &KNN{dim: c.count("a dimension", 1, MaxDimension), k: c.count("neighbours", 1, MaxNeighbours)}
	read.code = codes[c.count("a code's number", 0, uint32(len(codes)-1))]
	n := c.count("rows", uint32(read.k), maxStored)
	read.classes = c.names(classes, read.dim)
	low := 0.0
	for range read.k {
		low = c.number("a confidence", low, 1)
		read.confidence = append(read.confidence, low)
	}
	if read.code == CodeMedian {
		read.thresholds = c.floats(int64(read.dim))
	}
	for i, b := 0, c.take(int64(n), 2); i < len(b); i += 2 {
		label := binary.LittleEndian.Uint16(b[i:])
		if int(label) >= classes {
			c.fail(fmt.Sprintf("labels below %d", classes), fmt.Sprint(label))
		}
		read.labels = append(read.labels, label)
	}
	beyond := ^uint64(0) << (read.dim % 64) // of a code's last word
	for i, b := 0, c.take(int64(n)*int64(read.words()), 8); i < len(b); i += 8 {
		word := binary.LittleEndian.Uint64(b[i:])
		if read.dim%64 != 0 && i/8%read.words() == read.words()-1 && word&beyond != 0 {
			c.fail("codes without bits beyond the dimension", fmt.Sprintf("%#x", word))
		}
		read.rows = append(read.rows, word)
	}
	if err := c.end(); err != nil {
		return err
	}
	*m = *read
	return nil
}
