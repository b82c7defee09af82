package readout

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

// blobs are samples around one centre a class, all far from the origin, so that
// the intercept and the centring matter.
func blobs(seed uint64, n, dim, classes int, spread float64) Data {
	r := rand.New(rand.NewPCG(seed, 7))
	centres := make([][]float64, classes)
	for c := range centres {
		centres[c] = make([]float64, dim)
		for j := range centres[c] {
			centres[c][j] = 30 + r.NormFloat64()
		}
	}
	var d Data
	for i := range n {
		c := i % classes
		row := make([]float32, dim)
		for j := range row {
			row[j] = float32(centres[c][j] + spread*r.NormFloat64())
		}
		d.Rows = append(d.Rows, row)
		d.Labels = append(d.Labels, string(rune('a'+c)))
	}
	return d
}

func prepare(t require.TestingT, d Data) (*samples, *design) {
	s, err := newSamples(d)
	require.NoError(t, err)
	return s, newDesign(s)
}

func ridgeOf(t require.TestingT, d Data, dual bool) (*samples, *ridge) {
	s, x := prepare(t, d)
	r, err := newRidgeForm(x, s, dual)
	require.NoError(t, err)
	return s, r
}

// scores are those of l for the rows of idx, idx x classes.
func (l *linear) scores(s *samples, idx []int) []float64 {
	out := make([]float64, 0, len(idx)*len(l.bias))
	for _, i := range idx {
		for c, b := range l.bias {
			for j, v := range s.rows[i] {
				b += l.weights[c*s.dim+j] * float64(v)
			}
			out = append(out, b)
		}
	}
	return out
}

// ridgeGradient is the gradient, by weights and biases, of the objective that the
// package comment states, written down as it stands there.
func ridgeGradient(s *samples, train []int, l *linear, lambda float64) []float64 {
	classes := len(s.classes)
	out := make([]float64, len(l.weights)+classes)
	scores := l.scores(s, train)
	for k, i := range train {
		for c := range classes {
			target := -1.0
			if s.y[i] == c {
				target = 1
			}
			e := 2 * (scores[k*classes+c] - target) / float64(len(train))
			for j, v := range s.rows[i] {
				out[c*s.dim+j] += e * float64(v)
			}
			out[len(l.weights)+c] += e
		}
	}
	for i, w := range l.weights {
		out[i] += 2 * lambda * w
	}
	return out
}

func TestRidgeIsTheMinimumInBothForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(2, 5).Draw(t, "classes")
		n := rapid.IntRange(classes*2, 40).Draw(t, "samples")
		dim := rapid.IntRange(1, 40).Draw(t, "dimension")
		d := blobs(rapid.Uint64().Draw(t, "seed"), n, dim, classes, 1)
		lambda := rapid.SampledFrom([]float64{1e-3, 0.1, 10}).Draw(t, "lambda")
		f := rapid.IntRange(0, 1).Draw(t, "fold")
		var got [2]*linear
		for form, dual := range []bool{false, true} {
			s, r := ridgeOf(t, d, dual)
			train, test := split(stratify(s, 2, 1), f)
			l, err := r.fit(t.Context(), train, lambda)
			require.NoError(t, err)
			require.Less(t, floats.Norm(ridgeGradient(s, train, l, lambda), 2), 1e-7, "dual: %v", dual)
			got[form] = l

			p, err := r.path(t.Context(), train, test, []float64{lambda / 10, lambda, lambda * 10})
			require.NoError(t, err)
			require.Equal(t, []bool{false, false, false}, p.failed)
			scores := l.scores(s, test)
			for k := range test {
				row := scores[k*classes : (k+1)*classes]
				require.InDelta(t, floats.Max(row), row[p.predicted[1][k]], 1e-8) // the same class, but for a tie
			}
		}
		require.InDeltaSlice(t, got[0].weights, got[1].weights, 1e-8)
		require.InDeltaSlice(t, got[0].bias, got[1].bias, 1e-6)
	})
}

// A subset smaller than what it leaves out takes the other way to its products.
func TestRidgeOfASmallSubset(t *testing.T) {
	d := blobs(1, 60, 10, 3, 1)
	var got [2]*linear
	for form, dual := range []bool{false, true} {
		_, r := ridgeOf(t, d, dual)
		l, err := r.fit(t.Context(), sequence(12), 0.1)
		require.NoError(t, err)
		got[form] = l
	}
	require.InDeltaSlice(t, got[0].weights, got[1].weights, 1e-9)
}

// Noise-free targets of a known linear rule come back as lambda goes to zero.
func TestRidgeRecoversAKnownModel(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const dim = 20
	direction := make([]float64, dim)
	for j := range direction {
		direction[j] = r.NormFloat64()
	}
	floats.Scale(1/floats.Norm(direction, 2), direction)
	// Samples at +1 or -1 along the direction, anything across it: the rule
	// direction.x + 0.5 then gives the targets exactly.
	var d Data
	for i := range 200 {
		label, along := "no", -1.5
		if i%2 == 0 {
			label, along = "yes", 0.5
		}
		v := make([]float64, dim)
		for j := range v {
			v[j] = r.NormFloat64()
		}
		floats.AddScaled(v, along-floats.Dot(v, direction), direction)
		row := make([]float32, dim)
		for j := range row {
			row[j] = float32(v[j])
		}
		d.Rows, d.Labels = append(d.Rows, row), append(d.Labels, label)
	}
	for _, dual := range []bool{false, true} {
		_, m := ridgeOf(t, d, dual)
		l, err := m.fit(t.Context(), sequence(200), 1e-9)
		require.NoError(t, err)
		require.InDeltaSlice(t, direction, l.weights[dim:], 1e-5)
		require.InDelta(t, 0.5, l.bias[1], 1e-5)
	}
}

func TestGramIsTheDefinition(t *testing.T) {
	// Sizes on both sides of a block and a tile.
	for _, size := range [][2]int{{1, 1}, {5, 300}, {300, 5}, {257, 256}} {
		s, x := prepare(t, blobs(2, size[0]+1, size[1], 2, 1))
		n, d := len(s.rows), s.dim
		moved := make([]float64, n*d)
		x.load(moved, sequence(n))
		primal, dual := make([]float64, d*d), make([]float64, n*n)
		x.primal(primal, 1, sequence(n))
		x.dual(dual)
		for i := range d {
			for j := i; j < d; j++ {
				want := 0.0
				for k := range n {
					want += moved[k*d+i] * moved[k*d+j]
				}
				require.InDelta(t, want, primal[i*d+j], 1e-9)
			}
		}
		for i := range n {
			for j := range n {
				want := floats.Dot(moved[i*d:(i+1)*d], moved[j*d:(j+1)*d])
				require.InDelta(t, want, dual[i*n+j], 1e-9)
			}
		}
	}
}

func TestTridiagonalSolves(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for _, m := range []int{1, 2, 3, 40, 100} {
		b := make([]float64, m*m)
		for i := range b {
			b[i] = r.NormFloat64()
		}
		a, full := make([]float64, m*m), make([]float64, m*m)
		addOuter(a, m, 1, b, m)
		for i := range m {
			for j := range m {
				full[i*m+j] = a[min(i, j)*m+max(i, j)]
			}
		}
		tri := tridiagonalise(a, m)
		// x = Q (T + 2I)^-1 Q' rhs, and (A + 2I) x must be rhs again.
		rhs, x := make([]float64, m), make([]float64, m)
		for i := range rhs {
			rhs[i] = r.NormFloat64()
		}
		rotated := make([]float64, m)
		for i := range m {
			floats.AddScaled(rotated, rhs[i], tri.q[i*m:(i+1)*m])
		}
		require.True(t, tri.solve(2, rotated, 1, 1))
		for i := range m {
			x[i] = floats.Dot(tri.q[i*m:(i+1)*m], rotated)
		}
		for i := range m {
			require.InDelta(t, rhs[i], floats.Dot(full[i*m:(i+1)*m], x)+2*x[i], 1e-8)
		}
		require.False(t, tri.solve(-1e6, rotated, 1, 1))
	}
}
