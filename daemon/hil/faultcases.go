package hil

import "github.com/saccade-dev/saccade/sim/link"

// faultCase is a row of the table of faults.
type faultCase struct {
	name  string
	fault FaultConfig // without place, seed and event, which are drawn
	// access is a fault of accesses to registers, which a harness makes past the faults of the link: for the driver alone.
	access *link.Rule
	frozen bool // nothing is learned; otherwise everything is
	few    int64
	drop   bool // the device drops what its FIFOs have no room for: for the harness alone, as the driver has it wait
	short  bool // its FIFOs are short
	// unseen says why the driver can miss it, with the checks of words or without; empty where it must not. timeOnly
	// says that it changes nothing but time.
	unseen, unseenUnchecked string
	timeOnly                bool
	// exact says that the driver with checks of words hands out no wrong result at all: it finds the fault in the call in
	// which it struck.
	exact bool
}

// The reasons.
const (
	whyLearned = "a weight that is being learned is known to the device alone, and the next time its neuron learns it is learned from: parity in the memory would find it"
	whySquares = "the sum is made anew when its neuron learns: parity in the memory would find it"
	whyMatch   = "no window shows match weights; the dot products of an audit do, unless the patch is 0 there, or the neuron has learned since: parity in the memory would find it"
	whyStamp   = "the next event of the pixel has put another stamp in its place before the audit: parity in the memory would find it"
	whyLimit   = "the threshold's bit makes no difference that stays: an audit finds all that do"
	whyLane    = "products that had that bit anyway are right, and an audit multiplies one patch: more audits would find it"
	whyEvent   = "another event could have been sent as well; an audit sees its stamp, unless others have come to both pixels: the checks of words find it"
	whyTime    = "another time could have been sent as well; an audit sees its stamp, unless another has come to the pixel: the checks of words find it"
	whyResult  = "another answer could have been given as well; an audit sees it in the thresholds while those are learned: the checks of words find it"
)

// faultCases are all rows.
func faultCases() (out []faultCase) {
	at := func(kind, direction string, class int64, parameters map[string]int64) FaultConfig {
		p := map[string]int64{"class": class}
		for k, v := range parameters {
			p[k] = v
		}
		return FaultConfig{Kind: kind, Direction: direction, Parameters: p}
	}
	for _, k := range []struct {
		name, kind string
		parameters map[string]int64
	}{
		{"dropped", "drop", nil},
		{"repeated", "repeat", nil},
		{"swapped", "swap", nil},
		{"late by 9 words", "late", map[string]int64{"words": 9}},
		{"one bit", "corrupt", nil},
		{"three bits", "corrupt", map[string]int64{"bits": 3}},
		{"garbage", "garbage", nil},
		{"stray behind it", "stray word", nil},
	} {
		out = append(
			out,
			faultCase{name: "event word: " + k.name, fault: at(k.kind, In, 1, k.parameters), unseenUnchecked: whyEvent, exact: true},
			faultCase{name: "time word: " + k.name, fault: at(k.kind, In, 2, k.parameters), unseenUnchecked: whyTime, exact: true},
			faultCase{name: "command: " + k.name, fault: at(k.kind, In, 3, k.parameters), few: 8, unseenUnchecked: whyEvent, exact: true},
			faultCase{name: "result: " + k.name, fault: at(k.kind, Out, 1, k.parameters), unseenUnchecked: whyResult, exact: true},
			faultCase{name: "result, frozen: " + k.name, fault: at(k.kind, Out, 1, k.parameters), frozen: true, unseenUnchecked: whyResult, exact: true},
			faultCase{name: "mark: " + k.name, fault: at(k.kind, Out, 3, k.parameters), few: 4, unseenUnchecked: whyResult, exact: true},
		)
	}
	cut := func(name string, p map[string]int64) faultCase {
		return faultCase{name: name, fault: FaultConfig{Kind: "cut", Parameters: p}, exact: true}
	}
	out = append(
		out,
		cut("cut for ever", nil),
		cut("cut for ever, silently", map[string]int64{"silent": 1}),
		cut("cut for a call, silently", map[string]int64{"silent": 1, "calls": 1}),
		cut("cut, and back with a device that was reset", map[string]int64{"silent": 1, "calls": 1, "reset": 1}),
	)
	for _, a := range []link.Action{link.Drop, link.Repeat, link.Flip, link.Garbage, link.Stray} {
		out = append(
			out,
			faultCase{name: "register written: " + a.String(), access: &link.Rule{Do: a, What: link.Writes, Bit: -1}, exact: true},
			faultCase{name: "register read: " + a.String(), access: &link.Rule{Do: a, What: link.Reads, Bit: -1}, exact: true},
		)
	}
	for _, m := range []struct{ kind, learned, frozen string }{
		{"upset stamp", whyStamp, whyStamp},
		{"upset match weight", whyMatch, whyMatch},
		{"upset weight", whyLearned, ""},
		{"upset threshold", whyLimit, ""},
		{"upset squares", whySquares, ""},
	} {
		out = append(
			out,
			faultCase{name: m.kind, fault: FaultConfig{Kind: m.kind}, unseen: m.learned, unseenUnchecked: m.learned},
			faultCase{name: m.kind + ", frozen", fault: FaultConfig{Kind: m.kind}, frozen: true, unseen: m.frozen, unseenUnchecked: m.frozen},
		)
	}
	lane := func(name string, stuck int64) faultCase {
		return faultCase{name: "stuck lane: " + name, fault: FaultConfig{Kind: "stuck lane", Parameters: map[string]int64{"stuck": stuck}}, unseen: whyLane, unseenUnchecked: whyLane}
	}
	cycles := func(kind string, n int64) FaultConfig {
		return FaultConfig{Kind: kind, Parameters: map[string]int64{"cycles": n}}
	}
	return append(
		out,
		lane("all bits 0", 0), lane("all bits 1", 1), lane("a bit 0", 2), lane("a bit 1", 3),
		faultCase{name: "clock stall of 10000 cycles", fault: cycles("stall", 10_000), timeOnly: true},
		faultCase{name: "clock slip of 200 cycles", fault: cycles("slip", 200), short: true},
		faultCase{name: "input FIFO runs over, unsaid", fault: cycles("ready stuck", 0), short: true},
		faultCase{name: "FIFOs run over, counted", drop: true, short: true},
		faultCase{name: "reset in mid-stream", fault: FaultConfig{Kind: "reset"}, exact: true},
	)
}
