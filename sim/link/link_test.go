package link_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/link"
)

// wire is a link that gives back what it was sent, and registers that hold what was written.
type wire struct {
	words     []uint32
	registers map[uint32]uint32
	log       []uint32 // addresses
	resets    int
	closed    bool
}

func (w *wire) Window() int { return 1 << 12 }
func (w *wire) Send(words []uint32) error {
	w.words = append(w.words, words...)
	return nil
}

func (w *wire) Receive(words []uint32) (int, error) {
	if len(w.words) == 0 {
		return 0, hwfpga.ErrTimeout
	}
	n := copy(words, w.words)
	w.words = w.words[n:]
	return n, nil
}

func (w *wire) Read(a uint32) (uint32, error) {
	w.log = append(w.log, a)
	return w.registers[a], nil
}

func (w *wire) Write(a, v uint32) error {
	w.log = append(w.log, a)
	w.registers[a] = v
	return nil
}

func (w *wire) Close() error {
	w.closed = true
	return nil
}

func newWire() *wire { return &wire{registers: map[uint32]uint32{}} }

func around(t require.TestingT, w *wire, o link.Options, rules ...link.Rule) *link.Link {
	l, err := link.New(w, o, rules...)
	require.NoError(t, err)
	return l
}

// all receives until nothing comes.
func all(t require.TestingT, l hwfpga.Link) (out []uint32) {
	buffer := make([]uint32, 7)
	for {
		n, err := l.Receive(buffer)
		if errors.Is(err, hwfpga.ErrTimeout) {
			return out
		}
		require.NoError(t, err)
		require.Positive(t, n)
		out = append(out, buffer[:n]...)
	}
}

// stream is three events, the second without a time, a mode and a mark.
func stream() []uint32 {
	return []uint32{
		hwfpga.EventWord(1, 1, 0), 100, hwfpga.EventWord(2, 2, 1) | hwfpga.NoTime, hwfpga.EventWord(3, 3, 0), 200,
		hwfpga.CommandWord, hwfpga.SetMode(true, true), hwfpga.CommandWord, hwfpga.Mark(9),
	}
}

// Each action does what it says to the word of its class, towards the device.
func TestWordsIn(t *testing.T) {
	s := stream()
	without := func(i ...int) []uint32 {
		var out []uint32
		for k, w := range s {
			if !slices.Contains(i, k) {
				out = append(out, w)
			}
		}
		return out
	}
	changed := func(i int, w uint32) []uint32 {
		out := slices.Clone(s)
		out[i] = w
		return out
	}
	for name, c := range map[string]struct {
		rule link.Rule
		want []uint32
	}{
		"nothing":          {link.Rule{Do: link.Drop, What: link.Events, At: 3}, s},
		"drop an event":    {link.Rule{Do: link.Drop, What: link.Events, At: 1}, without(2)},
		"drop a time":      {link.Rule{Do: link.Drop, What: link.Times, At: 1}, without(4)},
		"drop a command":   {link.Rule{Do: link.Drop, What: link.Commands, At: 2}, without(7)},
		"drop everything":  {link.Rule{Do: link.Drop, What: link.In, Rate: 1}, nil},
		"repeat":           {link.Rule{Do: link.Repeat, What: link.Times}, slices.Insert(slices.Clone(s), 1, 100)},
		"swap":             {link.Rule{Do: link.Swap, What: link.Times}, []uint32{s[0], s[2], s[1], s[3], s[4], s[5], s[6], s[7], s[8]}},
		"swap the last":    {link.Rule{Do: link.Swap, What: link.Commands, At: 3}, s},
		"late":             {link.Rule{Do: link.Late, What: link.Events, At: 1, Ticks: 3}, []uint32{s[0], s[1], s[3], s[4], s[5], s[2], s[6], s[7], s[8]}},
		"late at the end":  {link.Rule{Do: link.Late, What: link.Commands, At: 3, Ticks: 1000}, s},
		"too late":         {link.Rule{Do: link.Late, What: link.Commands, At: 3, Ticks: 1 << 30}, without(8)},
		"one bit":          {link.Rule{Do: link.Flip, What: link.Events, At: 2, Bit: 16}, changed(3, s[3]^1<<16)},
		"gone for ever":    {link.Rule{Do: link.Cut, What: link.Events, At: 1, Silent: true}, nil},
		"class of results": {link.Rule{Do: link.Drop, What: link.Results, Rate: 0, At: 50}, s},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire()
			l := around(t, w, link.Options{}, c.rule)
			require.NoError(t, l.Send(s[:4]))
			_ = l.Send(s[4:])
			if c.rule.Do == link.Late || c.rule.Do == link.Swap {
				require.Equal(t, c.want, all(t, l))
				return
			}
			require.Equal(t, c.want, w.words[:len(w.words):len(w.words)])
		})
	}
}

// Results, what stands behind them and marks are classes of their own.
func TestWordsOut(t *testing.T) {
	s := []uint32{hwfpga.ResultWord(0, 3), 0xffff8000, 7, hwfpga.ResultWord(1, -1), 0, 8, hwfpga.ResultWord(4, hwfpga.MarkResult)}
	for what, at := range map[link.Class]int{link.Results: 3, link.Details: 2, link.Marks: 6} {
		w := newWire()
		w.words = slices.Clone(s)
		nth := int64(1)
		if what == link.Marks {
			nth = 0
		}
		l := around(t, w, link.Options{Detail: true}, link.Rule{Do: link.Drop, What: what, At: nth})
		require.Equal(t, slices.Delete(slices.Clone(s), at, at+1), all(t, l))
		require.Equal(t, int64(1), l.Struck(0))
	}
}

// Whatever the rules, the same calls give the same words; what is dropped, repeated, late or in another order is otherwise
// what was sent; and so many words were changed as rules have struck.
func TestSameEveryTime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rule := link.Rule{
			Do: link.Action(rapid.IntRange(0, int(link.Stray)).Draw(rt, "do")), What: link.In,
			Rate: rapid.SampledFrom([]float64{0.01, 0.3, 1}).Draw(rt, "rate"), Seed: rapid.Uint64().Draw(rt, "seed"), Bit: -1,
			Bits: rapid.IntRange(1, 32).Draw(rt, "bits"), Ticks: rapid.Uint64Range(0, 40).Draw(rt, "ticks"),
		}
		if rule.Do != link.Flip {
			rule.Bits = 0
		}
		cuts := rapid.SliceOfN(rapid.IntRange(1, 30), 5, 20).Draw(rt, "calls")
		pass := func() (out []uint32, struck int64) {
			l := around(rt, newWire(), link.Options{}, rule)
			n := uint32(0)
			for _, cut := range cuts {
				words := make([]uint32, cut)
				for i := range words {
					n++
					words[i] = hwfpga.NoTime | n
				}
				require.NoError(rt, l.Send(words))
				out = append(out, all(rt, l)...)
			}
			return out, l.Struck(0)
		}
		got, struck := pass()
		again, _ := pass()
		require.Equal(rt, got, again)
		sent := 0
		for _, cut := range cuts {
			sent += cut
		}
		count := map[uint32]int{}
		for _, w := range got {
			count[w]++
		}
		whole := 0
		for n := range sent {
			whole += min(count[hwfpga.NoTime|uint32(n+1)], 1)
		}
		switch rule.Do {
		case link.Drop:
			require.Len(rt, got, sent-int(struck))
			require.Equal(rt, len(got), whole)
		case link.Repeat, link.Stray:
			require.Len(rt, got, sent+int(struck))
			require.Equal(rt, sent, whole)
		case link.Swap, link.Late:
			require.Len(rt, got, sent)
			require.Equal(rt, sent, whole)
		case link.Flip, link.Garbage:
			require.Len(rt, got, sent)
			changed := 0
			for i, w := range got {
				if w != hwfpga.NoTime|uint32(i+1) {
					changed++
				}
			}
			require.Equal(rt, int(struck), changed)
		}
	})
}

func TestRegisters(t *testing.T) {
	for name, c := range map[string]struct {
		rule     link.Rule
		log      []uint32
		value    uint32
		fails    bool
		register uint32 // what is at 0x40 in the end
	}{
		"whole":          {link.Rule{Do: link.Drop, What: link.Reads, At: 7}, []uint32{0x40, 0x40}, 5, false, 5},
		"lost writing":   {link.Rule{Do: link.Drop, What: link.Writes}, []uint32{0x40}, 0, false, 0},
		"lost reading":   {link.Rule{Do: link.Drop, What: link.Reads}, []uint32{0x40}, 0, true, 5},
		"twice":          {link.Rule{Do: link.Repeat, What: link.Registers, Rate: 1}, []uint32{0x40, 0x40, 0x40, 0x40}, 5, false, 5},
		"changed":        {link.Rule{Do: link.Flip, What: link.Writes, Bit: 3}, []uint32{0x40, 0x40}, 13, false, 13},
		"changed back":   {link.Rule{Do: link.Flip, What: link.Reads, Bit: 3}, []uint32{0x40, 0x40}, 13, false, 5},
		"elsewhere":      {link.Rule{Do: link.Stray, What: link.Writes, Bit: 2}, []uint32{0x44, 0x40}, 0, false, 0},
		"read elsewhere": {link.Rule{Do: link.Stray, What: link.Reads, Bit: 3}, []uint32{0x40, 0x48}, 0, false, 5},
		"cut":            {link.Rule{Do: link.Cut, What: link.Reads}, []uint32{0x40}, 0, true, 5},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire()
			l := around(t, w, link.Options{}, c.rule)
			require.NoError(t, l.Write(0x40, 5))
			v, err := l.Read(0x40)
			require.Equal(t, c.fails, err != nil)
			require.Equal(t, c.value, v)
			require.Equal(t, c.log, w.log)
			require.Equal(t, c.register, w.registers[0x40])
		})
	}
}

// A link that was cut comes back behind so many calls, with the device reset where that was asked for; what was on
// its way is lost.
func TestCut(t *testing.T) {
	for _, silent := range []bool{false, true} {
		w := newWire()
		var struck []int
		l := around(t, w, link.Options{
			Reset:  func() error { w.resets++; return nil },
			Struck: func(rule int) { struck = append(struck, rule) },
		}, link.Rule{Do: link.Drop, What: link.Marks}, link.Rule{Do: link.Cut, What: link.Events, At: 1, Calls: 3, Silent: silent, Reset: true})
		require.NoError(t, l.Send(stream()))
		require.Empty(t, w.words)
		for range 3 {
			_, err := l.Receive(make([]uint32, 4))
			if silent {
				require.ErrorIs(t, err, hwfpga.ErrTimeout)
			} else {
				require.ErrorIs(t, err, link.ErrCut)
			}
		}
		require.Equal(t, 1, w.resets)
		require.NoError(t, l.Send(stream()))
		require.Equal(t, stream(), all(t, l))
		require.Equal(t, []int{1}, struck)
		require.NoError(t, l.Close())
		require.True(t, w.closed)
	}
}

// Time that its owner lets pass counts.
func TestClock(t *testing.T) {
	clock := &link.Clock{}
	l := around(t, newWire(), link.Options{Clock: clock, Patience: 10}, link.Rule{Do: link.Late, What: link.Events, Ticks: 1000})
	require.NoError(t, l.Send([]uint32{hwfpga.NoTime | 1}))
	require.Empty(t, all(t, l), "there is not so much patience")
	require.Less(t, clock.Now(), uint64(100))
	clock.Advance(1000)
	require.Equal(t, []uint32{hwfpga.NoTime | 1}, all(t, l))
}

func TestRulesThatCannotBe(t *testing.T) {
	for says, r := range map[string]link.Rule{
		"action":                 {Do: 99, What: link.In},
		"classes of traffic":     {},
		"found registers":        {Do: link.Late, What: link.In | link.Reads},
		"a rate of 0 to 1":       {What: link.In, Rate: 1.5},
		"0 or more":              {What: link.In, At: -1},
		"a bit of":               {Do: link.Flip, What: link.In, Bit: 32},
		"1 to 32 bits":           {Do: link.Flip, What: link.In, Bit: 3, Bits: 2},
		"a way to reset the dev": {Do: link.Cut, What: link.In, Reset: true},
	} {
		_, err := link.New(newWire(), link.Options{}, r)
		require.ErrorContains(t, err, says)
	}
	require.Equal(t, "garbage action 77", link.Garbage.String()+" "+link.Action(77).String())
}
