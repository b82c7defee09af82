package hil

import (
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/link"
)

func init() { //nolint:gochecknoinits // it fills the registry
	class := map[string]string{"class": "1: first words of events or of results; 2: times, or what stands behind results; 3: commands, or marks; any of them where nothing is said"}
	with := func(more ...string) map[string]string {
		out := map[string]string{}
		for k, v := range class {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	for _, k := range []struct {
		name, doc  string
		do         link.Action
		parameters map[string]string
	}{
		{"drop", "words that never arrive", link.Drop, with()},
		{"repeat", "words that arrive twice", link.Repeat, with()},
		{"swap", "words that change places with the next one", link.Swap, with()},
		{"late", "words that arrive later, behind others", link.Late, with("words", "how many words that go by meanwhile, in both directions")},
		{"corrupt", "words with bits turned over", link.Flip, with("bit", "which, 0 to 31; any where nothing is said", "bits", "how many, 1 where nothing is said")},
		{"garbage", "words in the place of which any other comes", link.Garbage, with()},
		{"stray word", "words that nobody sent", link.Stray, with()},
	} {
		RegisterFault(FaultKind{
			Name: k.name, Doc: k.doc, Directed: true, Parameters: k.parameters,
			New: func(f FaultConfig, c *hwfpga.Config) (Fault, error) { return newWordFault(k.do, f, c) },
		})
	}
	RegisterFault(FaultKind{
		Name: "cut", Doc: "the connexion is gone from an event on",
		Parameters: map[string]string{
			"calls":  "for how many calls of the host; 0, or nothing: for ever",
			"silent": "1: what is sent meanwhile is lost without an error",
			"reset":  "1: the device was reset meanwhile; a model in this process",
		},
		New: newCut,
	})
}

// wordFault is a rule of sim/link on the link of a run.
type wordFault struct {
	rule link.Rule
	with link.Options
	link *link.Link // nil until it is there
	note func()     // called at each strike, nil for nobody
}

// classes are what the parameter class means, by direction.
var classes = map[string][]link.Class{
	In:  {link.In, link.Events, link.Times, link.Commands},
	Out: {link.Out, link.Results, link.Details, link.Marks},
}

func newWordFault(do link.Action, f FaultConfig, c *hwfpga.Config) (Fault, error) {
	class := f.parameter("class", 0)
	if class == 0 && f.Rate == 0 {
		class = 1 // At is the number of an event
	}
	of := classes[f.Direction]
	if class < 0 || class >= int64(len(of)) {
		return nil, fmt.Errorf("class: expected 0 to %d, found %d", len(of)-1, class)
	}
	bit, bits, words := f.parameter("bit", -1), f.parameter("bits", 0), f.parameter("words", 8)
	switch {
	case bit < -1 || bit > 31:
		return nil, fmt.Errorf("bit: expected 0 to 31, found %d", bit)
	case bits < 0 || bits > 32 || bits > 1 && bit >= 0:
		return nil, fmt.Errorf("bits: expected 1 to 32, and one where it is named, found %d", bits)
	case words < 1:
		return nil, fmt.Errorf("words: expected 1 or more, found %d", words)
	}
	return newRule(link.Rule{
		Do: do, What: of[class], Rate: f.Rate, At: f.At, Seed: f.Seed, Bit: int(bit), Bits: int(bits), Ticks: uint64(words),
	}, c)
}

func newCut(f FaultConfig, c *hwfpga.Config) (Fault, error) {
	if calls := f.parameter("calls", 0); calls < 0 {
		return nil, fmt.Errorf("calls: expected 0 or more, found %d", calls)
	}
	return newRule(link.Rule{
		Do: link.Cut, What: link.Events, Rate: f.Rate, At: f.At, Seed: f.Seed, Calls: f.parameter("calls", 0),
		Silent: f.parameter("silent", 0) != 0, Reset: f.parameter("reset", 0) != 0,
	}, c)
}

// newRule makes the fault of a rule, which is looked at ahead of the run.
func newRule(r link.Rule, c *hwfpga.Config) (*wordFault, error) {
	w := &wordFault{rule: r, with: link.Options{Detail: c.Detail, Reset: func() error { return nil }}}
	_, err := link.New(nil, w.with, r)
	w.with.Struck = func(int) {
		if w.note != nil {
			w.note()
		}
	}
	return w, err
}

// Struck is how many words it has struck.
func (w *wordFault) Struck() int64 {
	if w.link == nil {
		return 0
	}
	return w.link.Struck(0)
}

// Wrap gives the link with the fault.
func (w *wordFault) Wrap(inner hwfpga.Link) hwfpga.Link {
	w.with.Reset = func() error { return restart(inner) }
	l, err := link.New(inner, w.with, w.rule)
	if err != nil {
		panic(PanicRule)
	}
	w.link = l
	return l
}

// PanicRule is the panic of a fault whose rule was good when it was made, and is no more.
const PanicRule = "hil: the rule of a fault has changed"

// restart resets the device at the end of a link.
func restart(inner hwfpga.Link) error {
	for {
		if m, ok := inner.(Modelled); ok {
			m.Device().Restart()
			return nil
		}
		under, ok := inner.(interface{ Inner() hwfpga.Link })
		if !ok {
			return fmt.Errorf("fault cut: reset needs a device that is a model in this process")
		}
		inner = under.Inner()
	}
}
