package learn_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// recognising is a model with a readout on a descriptor of several parts, and how it
// was cross-validated.
func recognising(t *testing.T, method readout.Method, in []nmnist.Recording, parts ...pool.Part) (*model.Model, *readout.CrossValidation) {
	t.Helper()
	m := learned(t)
	m.Pool, m.Parts = learn.PoolConfig(m.Feast, pool.Config{CellWidth: 9, CellHeight: 9}), parts
	v, err := learn.RecipeVectors(t.Context(), m, purego(t), m.Recipe(), in, nil)
	require.NoError(t, err)
	require.Len(t, v.Rows[0], m.Recipe().Len())
	data := readout.Data{Rows: v.Rows, Labels: v.Labels}
	how := readout.Training{Method: method, Hidden: 50, Options: readout.Options{Folds: 3}}
	m.Readout, _, err = how.Train(t.Context(), data)
	require.NoError(t, err)
	cv, err := readout.CrossValidate(t.Context(), data, how)
	require.NoError(t, err)
	return m, cv
}

// stream are the events of a recording, by nothing of the package.
func stream(t *testing.T, r nmnist.Recording) []events.Event {
	t.Helper()
	var list []events.Event
	for b := content(t, r); len(b) > 0; b = b[5:] {
		list = append(list, events.Event{
			T: int64(b[2]&0x7f)<<16 | int64(b[3])<<8 | int64(b[4]),
			X: uint16(b[0]), Y: uint16(b[1]), P: events.Polarity(b[2] >> 7),
		})
	}
	return list
}

// Decisions are those of what had been seen by then, on any number of cores; that at
// the end is the one of the whole recording.
func TestDecisions(t *testing.T) {
	in := shared.Recordings(t)
	shares := []float64{0.25, 0.5, 1}
	for _, method := range []readout.Method{readout.Ridge, readout.MethodKernel} {
		m, cv := recognising(t, method, in, pool.Part{Kind: pool.KindCounts}, pool.Part{Kind: pool.KindDecayed, Tau: 30_000})
		var err error
		m.Schedule, err = learn.Schedule(t.Context(), m, purego(t), m.Recipe(), in, cv, nil)
		require.NoError(t, err)
		var want [][]learn.Decision
		layer, err := m.Stack(purego(t))
		require.NoError(t, err)
		for _, r := range in[:6] {
			list := stream(t, r)
			winners := make([]int16, len(list))
			layer.Reset()
			require.NoError(t, layer.Process(list, winners))
			last := list[0].T
			for _, e := range list {
				last = max(last, e.T)
			}
			var row []learn.Decision
			for _, s := range shares {
				end, n := int64(s*float64(last-list[0].T)), 0
				for n < len(list) && list[n].T-list[0].T <= end {
					n++
				}
				d, err := m.Recipe().New()
				require.NoError(t, err)
				running, err := readout.NewRunning(m.Readout, d, m.Schedule, 0)
				require.NoError(t, err)
				running.Add(list[:n], winners[:n])
				class, confidence, err := running.Decide()
				require.NoError(t, err)
				row = append(row, learn.Decision{Time: end, Events: int64(n), Class: class, Confidence: confidence})
			}
			want = append(want, row)
		}
		v, err := learn.RecipeVectors(t.Context(), m, purego(t), m.Recipe(), in[:6], nil)
		require.NoError(t, err)
		for _, cores := range []int{1, 4} {
			onCores(cores, func() {
				var steps atomic.Int64
				got, err := learn.Decisions(t.Context(), m, purego(t), in[:6], shares, func() { steps.Add(1) })
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.EqualValues(t, 6, steps.Load())
				for i, row := range v.Rows {
					class, _, err := m.Readout.Predict(row)
					require.NoError(t, err)
					require.Equal(t, class, got[i][2].Class)
				}
			})
		}
	}
}

func TestDecisionsAreRefused(t *testing.T) {
	in := shared.Recordings(t)
	m, _ := recognising(t, readout.Ridge, in)
	for _, shares := range [][]float64{{0}, {-1}, {1.1}, {0.5, 0.5}, {1, 0.5}} {
		_, err := learn.Decisions(t.Context(), m, purego(t), in, shares, nil)
		require.ErrorContains(t, err, "expected ascending ones above 0 and up to 1")
	}
	with := append([]nmnist.Recording{{Path: filepath.Join(t.TempDir(), "none.bin"), Label: "3"}}, in...)
	_, err := learn.Decisions(t.Context(), m, purego(t), with, []float64{1}, nil)
	require.ErrorContains(t, err, "no such file")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = learn.Decisions(ctx, m, purego(t), in, []float64{1}, nil)
	require.ErrorIs(t, err, context.Canceled)
}

// A schedule does not depend on cores, and with it confidence early in recordings is
// nearer to what decisions are worth then.
func TestSchedule(t *testing.T) {
	in := shared.Recordings(t)
	m, cv := recognising(t, readout.Ridge, in)
	var schedules []*readout.Schedule
	for _, cores := range []int{1, 4} {
		onCores(cores, func() {
			var steps atomic.Int64
			s, err := learn.Schedule(t.Context(), m, purego(t), m.Recipe(), in, cv, func() { steps.Add(1) })
			require.NoError(t, err)
			require.EqualValues(t, len(in), steps.Load())
			schedules = append(schedules, s)
		})
	}
	require.Equal(t, schedules[0], schedules[1])
	early := func() (sure float64) {
		decisions, err := learn.Decisions(t.Context(), m, purego(t), in, []float64{0.02}, nil)
		require.NoError(t, err)
		for _, row := range decisions {
			sure += row[0].Confidence / float64(len(decisions))
		}
		return sure
	}
	plain := early()
	m.Schedule = schedules[0]
	require.Less(t, early(), plain-0.1)

	_, err := learn.Schedule(t.Context(), m, purego(t), m.Recipe(), in[:5], cv, nil)
	require.ErrorContains(t, err, "a cross-validation of 30 recordings for 5")
	in[3].Label = "ten"
	_, err = learn.Schedule(t.Context(), m, purego(t), m.Recipe(), in, cv, nil)
	require.ErrorContains(t, err, "label ten is not among those of the cross-validation")
}

func TestCalibration(t *testing.T) {
	require.Empty(t, learn.Calibration(0))
	require.Equal(t, []int{0, 1, 2}, learn.Calibration(3))
	many := learn.Calibration(1001)
	require.Len(t, many, learn.MaxCalibration)
	for i := 1; i < len(many); i++ {
		require.Greater(t, many[i], many[i-1])
	}
	require.Less(t, many[len(many)-1], 1001)
	require.Greater(t, many[len(many)-1], 990)
}

func TestCostOf(t *testing.T) {
	in := shared.Recordings(t)
	m, _ := recognising(t, readout.MethodELM, in)
	v, err := learn.RecipeVectors(t.Context(), m, purego(t), m.Recipe(), in[:3], nil)
	require.NoError(t, err)
	cost, err := learn.CostOf(m.Readout, v.Rows)
	require.NoError(t, err)
	b, err := m.Readout.MarshalBinary()
	require.NoError(t, err)
	require.EqualValues(t, len(b), cost.FileBytes)
	require.Greater(t, cost.MemoryBytes, int64(4*50*m.Readout.Dim()), "the hidden layer is drawn")
	require.Less(t, cost.FileBytes, cost.MemoryBytes)
	require.Positive(t, cost.Decision)
	_, err = learn.CostOf(m.Readout, [][]float32{{1}})
	require.ErrorIs(t, err, readout.ErrVector)
	cost, err = learn.CostOf(m.Readout, nil)
	require.NoError(t, err)
	require.Zero(t, cost.Decision)
}
