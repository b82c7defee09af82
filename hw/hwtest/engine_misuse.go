package hwtest

import (
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// engineRefuses opens what no device can hold: an error, and no panic.
func engineRefuses(t *testing.T, open func(c hw.EngineConfig) (hw.Engine, error)) {
	for name, change := range map[string]func(c *hw.EngineConfig){
		"a million neurons":      func(c *hw.EngineConfig) { c.Neurons = 1 << 20 },
		"no neurons":             func(c *hw.EngineConfig) { c.Neurons = 0 },
		"a radius of 1000":       func(c *hw.EngineConfig) { c.Radius = 1000 },
		"a radius below zero":    func(c *hw.EngineConfig) { c.Radius = -1 },
		"no pixels":              func(c *hw.EngineConfig) { c.Geometry = events.Geometry{} },
		"no decay":               func(c *hw.EngineConfig) { c.Decay = nil },
		"a mode there is not":    func(c *hw.EngineConfig) { c.Mode = 17 },
		"a mode below the first": func(c *hw.EngineConfig) { c.Mode = -1 },
	} {
		c := smallEngine(t)
		change(&c)
		if e, err := open(c); err == nil || e != nil {
			t.Errorf("%s: expected an error and no engine, found %v and %v", name, err, e)
		}
	}
}

// engineMisuse calls what is misuse: a panic, and nothing has changed.
func engineMisuse(t *testing.T, open func(c hw.EngineConfig) (hw.Engine, error)) {
	c, e := openSmall(t, open)
	rng := rand.New(rand.NewPCG(3, 3))
	want := drawState(rng, &c, 1<<20)
	if err := e.Load(want); err != nil {
		t.Fatal(err)
	}
	one := make([]hw.EngineEvent, 1)
	for name, f := range map[string]func() error{
		"one result for no event":   func() error { return e.Process(nil, make([]int16, 1)) },
		"no result for an event":    func() error { return e.Process(one, nil) },
		"a move of 2^31":            func() error { return e.Rebase(1 << 31) },
		"rates of a third bank":     func() error { return e.SetRates(2, hw.Rates{}) },
		"rates of a bank before":    func() error { return e.SetRates(-1, hw.Rates{}) },
		"a rate below zero":         func() error { return e.SetRates(0, hw.Rates{Eta: -1}) },
		"loading too few cells":     func() error { return e.Load(hw.EngineState{Cells: want.Cells[1:]}) },
		"loading no weights":        func() error { return e.Load(hw.EngineState{Master: []int32{}}) },
		"storing thresholds beyond": func() error { return e.Store(hw.EngineState{Thresholds: make([]int32, 5)}) },
	} {
		if !panics(func() { _ = f() }) {
			t.Errorf("%s: expected a panic", name)
		}
	}
	got := emptyState(&c)
	if err := e.Store(got); err != nil {
		t.Fatalf("behind misuse: %v", err)
	}
	same(t, "stamp behind misuse", got.Cells, want.Cells)
	same(t, "master weight behind misuse", got.Master, want.Master)
	same(t, "threshold behind misuse", got.Thresholds, want.Thresholds)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// engineClosed uses an engine behind its end: errors, but for another end.
func engineClosed(t *testing.T, open func(c hw.EngineConfig) (hw.Engine, error)) {
	c, e := openSmall(t, open)
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatalf("closing: %v", err)
		}
	}
	for name, f := range map[string]func() error{
		"Process":  func() error { return e.Process(make([]hw.EngineEvent, 1), make([]int16, 1)) },
		"Clear":    e.Clear,
		"Rebase":   func() error { return e.Rebase(1) },
		"SetMode":  func() error { return e.SetMode(true, true) },
		"SetRates": func() error { return e.SetRates(0, hw.Rates{}) },
		"Load":     func() error { return e.Load(emptyState(&c)) },
		"Store":    func() error { return e.Store(emptyState(&c)) },
	} {
		if f() == nil {
			t.Errorf("%s behind Close: expected an error, found none", name)
		}
	}
}

// engineAllocations takes packets through an engine that has had some before.
func engineAllocations(t *testing.T, open func(c hw.EngineConfig) (hw.Engine, error)) {
	c, e := openSmall(t, open)
	rng := rand.New(rand.NewPCG(4, 4))
	if err := e.Load(drawState(rng, &c, 1<<20)); err != nil {
		t.Fatal(err)
	}
	in, _ := drawEngineEvents(rng, &c, 1<<20, 300)
	winners := make([]int16, len(in))
	if got := testing.AllocsPerRun(20, func() {
		for _, err := range [...]error{e.SetMode(true, true), e.Process(in, winners), e.Clear()} {
			if err != nil {
				t.Error(err)
			}
		}
	}); got != 0 {
		t.Errorf("a packet: expected no allocation, found %v", got)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}
