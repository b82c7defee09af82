package readout

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// rings are samples that no linear model can tell apart: the class is how far from
// the origin they lie.
func rings(seed uint64, n int) Data {
	r := rand.New(rand.NewPCG(seed, 9))
	var d Data
	for i := range n {
		angle, radius := 2*math.Pi*r.Float64(), 1+1.5*float64(i%3)+0.2*r.NormFloat64()
		d.Rows = append(d.Rows, []float32{float32(radius * math.Cos(angle)), float32(radius * math.Sin(angle)), 1})
		d.Labels = append(d.Labels, string(rune('a'+i%3)))
	}
	return d
}

// backends trains one of each that is not linear.
func backends(t testing.TB, d Data) map[string]Classifier {
	k, _, err := TrainKernel(t.Context(), d, KernelOptions{Options: Options{Seed: 1}})
	require.NoError(t, err)
	e, _, err := TrainELM(t.Context(), d, ELMOptions{Hidden: 60, Seed: 1, Options: Options{Seed: 1}})
	require.NoError(t, err)
	relu, _, err := TrainELM(t.Context(), d, ELMOptions{Hidden: 60, Seed: 1, Activation: ReLU, Options: Options{Seed: 1}})
	require.NoError(t, err)
	m, _, err := TrainKNN(d, KNNOptions{})
	require.NoError(t, err)
	top, _, err := TrainKNN(d, KNNOptions{Code: CodeTop})
	require.NoError(t, err)
	return map[string]Classifier{"kernel": k, "elm softsign": e, "elm relu": relu, "knn median": m, "knn top": top}
}

func TestBackEndsLearnWhatIsNotLinear(t *testing.T) {
	d, fresh := rings(1, 300), rings(2, 900)
	linear, _, err := Train(t.Context(), d, Options{})
	require.NoError(t, err)
	c, err := Evaluate(linear, fresh)
	require.NoError(t, err)
	require.Less(t, c.Accuracy(), 0.6)
	for name, m := range backends(t, d) {
		if name == "knn median" || name == "knn top" {
			continue // three bits cannot say how far; see below
		}
		c, err := Evaluate(m, fresh)
		require.NoError(t, err)
		require.Greater(t, c.Accuracy(), 0.97, "%s\n%s", name, c)
	}
}

// Cross-validation's figure must be what fresh samples get, and so must confidence.
func TestBackEndsKnowHowGoodTheyAre(t *testing.T) {
	all := blobs(3, 2500, 40, 4, 2)
	d := Data{Rows: all.Rows[:500], Labels: all.Labels[:500]}
	fresh := Data{Rows: all.Rows[500:], Labels: all.Labels[500:]}
	k, report, err := TrainKernel(t.Context(), d, KernelOptions{Degree: 2, Options: Options{Seed: 1}})
	require.NoError(t, err)
	e, elmReport, err := TrainELM(t.Context(), d, ELMOptions{Hidden: 300, Seed: 1, Options: Options{Seed: 1}})
	require.NoError(t, err)
	m, right, err := TrainKNN(d, KNNOptions{})
	require.NoError(t, err)
	require.Greater(t, m.Neighbours(), 1)
	for name, tc := range map[string]struct {
		c        Classifier
		accuracy float64
	}{
		"kernel": {k, report.Confusion.Accuracy()},
		"elm":    {e, elmReport.Confusion.Accuracy()},
		"knn":    {m, float64(right) / 500},
	} {
		confusion, err := Evaluate(tc.c, fresh)
		require.NoError(t, err)
		require.InDelta(t, tc.accuracy, confusion.Accuracy(), 0.06, name)
		require.Greater(t, tc.accuracy, 0.5, name)
		require.Less(t, tc.accuracy, 0.995, name) // or confidence would be no question
		sum := 0.0
		for _, row := range fresh.Rows {
			_, confidence, err := tc.c.Predict(row)
			require.NoError(t, err)
			sum += confidence / float64(len(fresh.Rows))
		}
		require.InDelta(t, confusion.Accuracy(), sum, 0.06, name)
	}
}

// Of degree 1 a kernel is ridge regression.
func TestKernelOfDegreeOneIsRidge(t *testing.T) {
	d := blobs(4, 120, 10, 3, 2)
	k, _, err := TrainKernel(t.Context(), d, KernelOptions{Degree: 1, Options: Options{Lambdas: []float64{1e-2}}})
	require.NoError(t, err)
	m, _, err := Train(t.Context(), d, Options{Lambdas: []float64{1e-2 / k.scale}})
	require.NoError(t, err)
	for i := range 50 {
		vec := someVector(uint64(i), 10)
		scores, err := m.Scores(nil, vec)
		require.NoError(t, err)
		n := k.Rows()
		for c := range scores {
			got := k.bias[c]
			for r := range n {
				got += float64(k.weights[c*n+r]) * float64(k.compare(vec, d.Rows[r]))
			}
			require.InDelta(t, scores[c], got, 1e-4)
		}
	}
}

func TestELMIsItsDefinition(t *testing.T) {
	d := rings(1, 60)
	for _, act := range activations {
		e, _, err := TrainELM(t.Context(), d, ELMOptions{Hidden: 20, Seed: 5, Activation: act})
		require.NoError(t, err)
		again, _, err := TrainELM(t.Context(), d, ELMOptions{Hidden: 20, Seed: 5, Activation: act})
		require.NoError(t, err)
		require.Equal(t, e, again)
		other, _, err := TrainELM(t.Context(), d, ELMOptions{Hidden: 20, Seed: 6, Activation: act})
		require.NoError(t, err)
		require.NotEqual(t, e.signs, other.signs)
		for h, v := range e.layer(d.Rows[7]) {
			sum := 0.0
			for j, x := range d.Rows[7] {
				require.InDelta(t, 1, math.Abs(float64(e.signs[h*3+j])), 0)
				sum += float64(e.signs[h*3+j]) * float64(x-e.mean[j])
			}
			require.LessOrEqual(t, math.Abs(e.offsets[h]), 3.0)
			sum = sum*e.gain + e.offsets[h]
			want := max(sum, 0)
			if act == Softsign {
				want = sum / (1 + math.Abs(sum))
			}
			require.InDelta(t, want, v, 1e-6)
		}
	}
}

func TestKNNVotes(t *testing.T) {
	rows := [][]float32{{1, 1, 0, 0}, {1, 1, 0, 0}, {0, 0, 1, 1}, {0, 0, 1, 1}, {0, 0, 0, 0}}
	m, right, err := TrainKNN(Data{Rows: rows, Labels: []string{"a", "a", "b", "b", "b"}}, KNNOptions{Neighbours: []int{1}})
	require.NoError(t, err)
	require.Equal(t, 1, m.Neighbours())
	for _, tc := range []struct {
		vec  []float32
		want int
	}{{[]float32{1, 1, 0, 0}, 0}, {[]float32{0, 0, 2, 2}, 1}, {[]float32{1, 0, 0, 1}, 0}} {
		class, confidence, err := m.Predict(tc.vec)
		require.NoError(t, err)
		require.Equal(t, tc.want, class, tc.vec)
		require.Greater(t, confidence, 0.5)
	}
	require.Equal(t, 4, right) // the last is as near to an a as to a b

	// At equal distances the rows given first are nearer; at equal votes the nearer
	// class wins, and then the first.
	near := m.nearest(make([]neighbour, 0, 3), m.rows[:1], 3, 0)
	require.Equal(t, []neighbour{{0, 1}, {2, 4}, {4, 2}}, near[:3])
	class, votes := m.vote([]neighbour{{4, 2}, {1, 3}, {3, 0}, {3, 1}})
	require.Equal(t, []int{1, 2}, []int{class, votes})
	class, _ = m.vote([]neighbour{{2, 2}, {2, 0}})
	require.Equal(t, 0, class)
}

func TestBackEndsRefuse(t *testing.T) {
	d := rings(1, 30)
	for name, train := range map[string]func() error{
		"degree 17": func() error {
			_, _, err := TrainKernel(t.Context(), d, KernelOptions{Degree: 17})
			return err
		},
		"-1 hidden": func() error {
			_, _, err := TrainELM(t.Context(), d, ELMOptions{Hidden: -1})
			return err
		},
		"unknown activation": func() error {
			_, _, err := TrainELM(t.Context(), d, ELMOptions{Activation: "step"})
			return err
		},
		"30 to 30 neighbours": func() error {
			_, _, err := TrainKNN(d, KNNOptions{Neighbours: []int{30}})
			return err
		},
		"unknown code": func() error {
			_, _, err := TrainKNN(d, KNNOptions{Code: "gray"})
			return err
		},
	} {
		require.ErrorContains(t, train(), name)
	}
	for name, m := range backends(t, d) {
		for _, vec := range [][]float32{nil, {1, 2}, {1, 2, float32(math.NaN())}} {
			_, _, err := m.Predict(vec)
			require.ErrorIs(t, err, ErrVector, name)
		}
	}
}

func TestBackEndsRoundTrip(t *testing.T) {
	d := rings(1, 90)
	for name, m := range backends(t, d) {
		data, err := m.MarshalBinary()
		require.NoError(t, err)
		read, err := UnmarshalClassifier(data)
		require.NoError(t, err, name)
		require.Equal(t, m.Classes(), read.Classes())
		require.Equal(t, m.Dim(), read.Dim())
		for _, row := range d.Rows {
			class, confidence, err := m.Predict(row)
			require.NoError(t, err)
			got, sure, err := read.Predict(row)
			require.NoError(t, err)
			require.Equal(t, class, got)
			requireSame(t, confidence, sure)
		}
		again, err := read.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, data, again)
		for i := 0; i < len(data); i += 1 + len(data)/300 {
			damaged := append([]byte(nil), data...)
			damaged[i] ^= 0x20
			_, err := UnmarshalClassifier(damaged)
			require.Error(t, err, "%s, byte %d", name, i)
			_, err = UnmarshalClassifier(data[:i])
			require.Error(t, err, "%s, cut at %d", name, i)
		}
		// What the checksum does not catch.
		for at := 8; at < min(len(data)-8, 80); at += 4 {
			for _, v := range []uint32{0, 0xffffffff, 0x7fc00000} {
				damaged := append([]byte(nil), data...)
				binary.LittleEndian.PutUint32(damaged[at:], v)
				if m, err := UnmarshalClassifier(seal(damaged)); err == nil {
					_, confidence, err := m.Predict(someVector(1, m.Dim()))
					require.NoError(t, err)
					require.False(t, math.IsNaN(confidence), "%s, byte %d", name, at)
				} else {
					var fe *events.FormatError
					require.ErrorAs(t, err, &fe, "%s, byte %d", name, at)
				}
			}
		}
	}
	linear := someModel(t, 1, 2, 3)
	data, err := linear.MarshalBinary()
	require.NoError(t, err)
	read, err := UnmarshalClassifier(data)
	require.NoError(t, err)
	require.Equal(t, linear, read)
	for _, c := range []Classifier{new(Model), new(Kernel), new(ELM), new(KNN)} {
		_, err := c.MarshalBinary()
		require.Error(t, err)
		_, _, err = c.Predict(nil)
		require.ErrorIs(t, err, ErrVector)
		require.Empty(t, c.Classes())
		require.Zero(t, c.Dim())
	}
	_, err = UnmarshalClassifier([]byte("sx"))
	require.Error(t, err)
}

func FuzzUnmarshalClassifier(f *testing.F) {
	for _, m := range backends(f, rings(1, 12)) {
		data, err := m.MarshalBinary()
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, seal(append([]byte(nil), data...))} {
			m, err := UnmarshalClassifier(data)
			if err != nil {
				continue
			}
			class, confidence, err := m.Predict(someVector(1, m.Dim()))
			require.NoError(t, err)
			require.Less(t, class, len(m.Classes()))
			require.False(t, math.IsNaN(confidence))
			again, err := m.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, data, again)
		}
	})
}
