package hwtest_test

import (
	"errors"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// wrongEngine is the definition but for one mistake.
type wrongEngine struct {
	hw.Engine
	process  func(e hw.Engine, in []hw.EngineEvent, winners []int16) error
	rebase   func(e hw.Engine, move uint32) error
	setMode  func(e hw.Engine, learning, selecting bool) error
	setRates func(e hw.Engine, bank int, r hw.Rates) error
	load     func(e hw.Engine, s hw.EngineState) error
	store    func(e hw.Engine, s hw.EngineState) error
}

func (w *wrongEngine) Process(in []hw.EngineEvent, winners []int16) error {
	if w.process != nil {
		return w.process(w.Engine, in, winners)
	}
	return w.Engine.Process(in, winners)
}

func (w *wrongEngine) Rebase(move uint32) error {
	if w.rebase != nil {
		return w.rebase(w.Engine, move)
	}
	return w.Engine.Rebase(move)
}

func (w *wrongEngine) SetMode(learning, selecting bool) error {
	if w.setMode != nil {
		return w.setMode(w.Engine, learning, selecting)
	}
	return w.Engine.SetMode(learning, selecting)
}

func (w *wrongEngine) SetRates(bank int, r hw.Rates) error {
	if w.setRates != nil {
		return w.setRates(w.Engine, bank, r)
	}
	return w.Engine.SetRates(bank, r)
}

func (w *wrongEngine) Load(s hw.EngineState) error {
	if w.load != nil {
		return w.load(w.Engine, s)
	}
	return w.Engine.Load(s)
}

func (w *wrongEngine) Store(s hw.EngineState) error {
	if w.store != nil {
		return w.store(w.Engine, s)
	}
	return w.Engine.Store(s)
}

// openDefined opens the definition, for what a device could hold.
func openDefined(c hw.EngineConfig) (hw.Engine, error) {
	if c.Radius < 0 || c.Radius > 5 || c.Neurons < 1 || c.Neurons > 64 || !c.Geometry.Valid() || c.Decay == nil || c.Mode < hw.EngineMerged || c.Mode > hw.EngineOn {
		return nil, errors.New("beyond the device")
	}
	return hwtest.NewEngine(c), nil
}

var brokenEngines = map[string]struct {
	says string
	make func() *wrongEngine
}{
	"an answer of another bank": {"expected", func() *wrongEngine {
		return &wrongEngine{process: func(e hw.Engine, in []hw.EngineEvent, winners []int16) error {
			err := e.Process(in, winners)
			for i := range winners {
				if in[i].P == 1 && winners[i] > 0 {
					winners[i]--
				}
			}
			return err
		}}
	}},
	"the last event left out": {"expected", func() *wrongEngine {
		return &wrongEngine{process: func(e hw.Engine, in []hw.EngineEvent, winners []int16) error {
			if len(in) > 50 {
				return e.Process(in[:len(in)-1], winners[:len(in)-1])
			}
			return e.Process(in, winners)
		}}
	}},
	"a move that is one short": {"expected", func() *wrongEngine {
		return &wrongEngine{rebase: func(e hw.Engine, move uint32) error {
			if move >= 1<<31 {
				return e.Rebase(move)
			}
			return e.Rebase(move - min(move, 1))
		}}
	}},
	"learning does not select": {"expected", func() *wrongEngine {
		return &wrongEngine{setMode: func(e hw.Engine, learning, selecting bool) error {
			return e.SetMode(learning && selecting, selecting)
		}}
	}},
	"rates of one bank for both": {"expected", func() *wrongEngine {
		return &wrongEngine{setRates: func(e hw.Engine, bank int, r hw.Rates) error {
			if bank == 1 {
				_ = e.SetRates(0, r)
			}
			return e.SetRates(bank, r)
		}}
	}},
	"thresholds that are not loaded": {"expected", func() *wrongEngine {
		return &wrongEngine{load: func(e hw.Engine, s hw.EngineState) error {
			if s.Cells != nil {
				s.Thresholds = nil
			}
			return e.Load(s)
		}}
	}},
	"storing forgets weights": {"master weight", func() *wrongEngine {
		return &wrongEngine{store: func(e hw.Engine, s hw.EngineState) error {
			s.Master = nil
			return e.Store(s)
		}}
	}},
	"allocates": {"expected no allocation", func() *wrongEngine {
		return &wrongEngine{process: func(e hw.Engine, in []hw.EngineEvent, winners []int16) error {
			return e.Process(append([]hw.EngineEvent(nil), in...), winners)
		}}
	}},
	"writes its input": {"the events were written", func() *wrongEngine {
		return &wrongEngine{process: func(e hw.Engine, in []hw.EngineEvent, winners []int16) error {
			err := e.Process(in, winners)
			if len(in) > 0 {
				in[0].Stamp++
			}
			return err
		}}
	}},
	"misuse that is let pass": {"one result for no event: expected a panic", func() *wrongEngine {
		return &wrongEngine{process: func(e hw.Engine, in []hw.EngineEvent, winners []int16) error {
			n := min(len(in), len(winners))
			return e.Process(in[:n], winners[:n])
		}}
	}},
}

// TestBrokenEngine is the test that has to fail, in the other process.
func TestBrokenEngine(t *testing.T) {
	b, found := brokenEngines[os.Getenv(brokenEnv)]
	if !found {
		t.Skip("run by TestEngineFindsMistakes")
	}
	hwtest.Engine(t, func(c hw.EngineConfig) (hw.Engine, error) {
		e, err := openDefined(c)
		if err != nil {
			return nil, err
		}
		w := b.make()
		w.Engine = e
		return w, nil
	}, 20_000)
}

func TestEngineFindsMistakes(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(brokenEngines)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, failed := runTest(t, "^TestBrokenEngine$", brokenEnv+"="+name)
			require.True(t, failed, "the suite passed:\n%s", out)
			require.Regexp(t, brokenEngines[name].says, out)
			require.NotContains(t, out, "goroutine ", "the suite reports, it does not crash")
		})
	}
}

// TestEnginePasses sees that it is the mistakes that are found.
func TestEnginePasses(t *testing.T) {
	hwtest.Engine(t, openDefined, 5_000)
}
