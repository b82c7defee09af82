package hwtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// Engine checks that the engines that open makes give the bits of the definition: results of streams with all that
// streams do, what was learned and the surface behind them, with commands, rates, modes and states put in on the
// way. Layers of random configurations are tried; where open says that one is beyond the device, it is left out,
// but for those that every device can hold.
//
// events is how many there are in all: some ten thousand for what is slow.
func Engine(t *testing.T, open func(c hw.EngineConfig) (hw.Engine, error), events int) {
	t.Helper()
	t.Run("streams", func(t *testing.T) {
		rng := rand.New(rand.NewPCG(20, 24))
		tried, held := 0, 0
		for left := events; left > 0; tried++ {
			c := drawEngine(t, rng)
			seed := rng.Uint64()
			n := min(left, 100+rng.IntN(900))
			e, err := open(c)
			if err != nil {
				if tried++; tried > 100 && held == 0 {
					t.Fatalf("%d configurations, the last %s: expected a device that can hold one of them, found %v", tried, describeEngine(&c), err)
				}
				continue
			}
			held++
			left -= n
			tr := &engineTrial{t: t, rng: rand.New(rand.NewPCG(seed, 0)), c: c, got: e, want: NewEngine(c)}
			tr.run(n)
		}
		t.Logf("%d of %d configurations fit the device", held, tried)
	})
	t.Run("refused", func(t *testing.T) { engineRefuses(t, open) })
	t.Run("misuse", func(t *testing.T) { engineMisuse(t, open) })
	t.Run("closed", func(t *testing.T) { engineClosed(t, open) })
	t.Run("allocations", func(t *testing.T) { engineAllocations(t, open) })
}

func describeEngine(c *hw.EngineConfig) string {
	return fmt.Sprintf("%dx%d pixels, mode %d, %d neurons, radius %d, border filled %t, tau %d us (linear: %t), noise below %d of %d",
		c.Geometry.Width, c.Geometry.Height, c.Mode, c.Neurons, c.Radius, c.Zero, c.Decay.Tau, c.Decay.Linear, c.MinRecent, c.Recent)
}

// engineTrial is an engine beside the definition.
type engineTrial struct {
	t         *testing.T
	rng       *rand.Rand
	c         hw.EngineConfig
	got, want hw.Engine
	now       uint32
	done      int // events
	last      string
}

func (tr *engineTrial) fatalf(format string, args ...any) {
	tr.t.Helper()
	tr.t.Fatalf("%s, behind %d events and %s: %s", describeEngine(&tr.c), tr.done, tr.last, fmt.Sprintf(format, args...))
}

// both does something with both engines.
func (tr *engineTrial) both(what string, f func(e hw.Engine) error) {
	tr.t.Helper()
	tr.last = what
	if err := f(tr.want); err != nil {
		tr.fatalf("the definition fails: %v", err)
	}
	if err := f(tr.got); err != nil {
		tr.fatalf("%s: %v", what, err)
	}
}

// run takes n events through both, with something else now and then.
func (tr *engineTrial) run(n int) {
	tr.t.Helper()
	tr.last = "opening"
	tr.compare(true, true, true) // all zero
	tr.now = tr.rng.Uint32N(1 << 28)
	tr.load(true, true, true)
	for i := range tr.c.Banks() {
		tr.rates(i)
	}
	for tr.done < n {
		tr.process(min(n-tr.done, []int{1, 2, 7, 60, 300}[tr.rng.IntN(5)]))
		for range tr.rng.IntN(4) {
			tr.change()
		}
	}
	tr.compare(true, true, true)
	if err := tr.got.Close(); err != nil {
		tr.fatalf("closing: %v", err)
	}
}

func (tr *engineTrial) process(n int) {
	tr.t.Helper()
	in, now := drawEngineEvents(tr.rng, &tr.c, tr.now, n)
	before := slices.Clone(in)
	got, want := make([]int16, n), make([]int16, n)
	if err := tr.want.Process(in, want); err != nil {
		tr.fatalf("the definition fails: %v", err)
	}
	if err := tr.got.Process(in, got); err != nil {
		tr.fatalf("%d events: %v", n, err)
	}
	for i := range want {
		if got[i] != want[i] {
			tr.fatalf("event %d of %d (%+v): expected %d, found %d", i, n, in[i], want[i], got[i])
		}
	}
	if !slices.Equal(before, in) {
		tr.fatalf("the events were written")
	}
	tr.now = now
	tr.done += n
	tr.last = fmt.Sprintf("%d of them", n)
}

// change does one of the things that are done between events.
func (tr *engineTrial) change() {
	tr.t.Helper()
	flag := func() bool { return tr.rng.IntN(2) == 0 }
	switch tr.rng.IntN(8) {
	case 0:
		tr.both("Clear", hw.Engine.Clear)
	case 1:
		move := []uint32{0, 1, tr.rng.Uint32N(1 << 20), tr.now / 2, tr.now, 1<<31 - 1}[tr.rng.IntN(6)]
		tr.both(fmt.Sprintf("Rebase by %d", move), func(e hw.Engine) error { return e.Rebase(move) })
		tr.now -= min(tr.now, move)
	case 2, 3:
		learning, selecting := flag(), flag()
		tr.both(fmt.Sprintf("learning %t, selecting %t", learning, selecting), func(e hw.Engine) error { return e.SetMode(learning, selecting) })
	case 4:
		tr.rates(tr.rng.IntN(tr.c.Banks()))
	case 5:
		tr.load(flag(), flag(), flag())
	case 6:
		tr.compare(flag(), flag(), flag())
	default:
		tr.both("no events", func(e hw.Engine) error { return e.Process(nil, nil) })
	}
}

func (tr *engineTrial) rates(bank int) {
	tr.t.Helper()
	r := hw.Rates{
		Eta:    []int32{0, 1 << 22, 1<<30 + 12345, 1}[tr.rng.IntN(4)],
		DeltaI: []int32{0, 16_777, 1 << 20}[tr.rng.IntN(3)], DeltaE: []int32{0, 50_332, 1 << 20}[tr.rng.IntN(3)],
	}
	tr.both(fmt.Sprintf("rates %+v of bank %d", r, bank), func(e hw.Engine) error { return e.SetRates(bank, r) })
}

// some is the parts of a state that are asked for.
func some(s hw.EngineState, cells, master, thresholds bool) hw.EngineState {
	if !cells {
		s.Cells = nil
	}
	if !master {
		s.Master = nil
	}
	if !thresholds {
		s.Thresholds = nil
	}
	return s
}

func (tr *engineTrial) load(cells, master, thresholds bool) {
	tr.t.Helper()
	s := some(drawState(tr.rng, &tr.c, tr.now), cells, master, thresholds)
	tr.both("Load", func(e hw.Engine) error { return e.Load(s) })
}

// compare compares parts of what both hold.
func (tr *engineTrial) compare(cells, master, thresholds bool) {
	tr.t.Helper()
	got, want := some(emptyState(&tr.c), cells, master, thresholds), some(emptyState(&tr.c), cells, master, thresholds)
	tr.both("Store", func(e hw.Engine) error {
		if e == tr.want {
			return e.Store(want)
		}
		return e.Store(got)
	})
	what := fmt.Sprintf("%s, behind %d events: ", describeEngine(&tr.c), tr.done)
	same(tr.t, what+"stamp", got.Cells, want.Cells)
	same(tr.t, what+"master weight", got.Master, want.Master)
	same(tr.t, what+"threshold", got.Thresholds, want.Thresholds)
}

// smallEngine is a layer that every device can hold.
func smallEngine(t testing.TB) hw.EngineConfig {
	t.Helper()
	d, err := hw.NewDecay(20_000, hw.PeakBits(9))
	if err != nil {
		t.Fatal(err)
	}
	return hw.EngineConfig{Geometry: events.Geometry{Width: 8, Height: 7}, Mode: hw.EngineSplit, Radius: 1, Neurons: 2, Zero: true, Decay: d}
}

func openSmall(t testing.TB, open func(c hw.EngineConfig) (hw.Engine, error)) (hw.EngineConfig, hw.Engine) {
	t.Helper()
	c := smallEngine(t)
	e, err := open(c)
	if err != nil {
		t.Fatalf("%s: %v", describeEngine(&c), err)
	}
	return c, e
}
