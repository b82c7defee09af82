package link

import (
	"errors"
	"fmt"
	"math/rand/v2"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// Options are what a link knows beside its rules.
type Options struct {
	Clock *Clock // nil for one of its own
	// Patience is how many ticks Receive waits for a late word at the most: 0 stands for [DefaultPatience].
	Patience uint64
	Detail   bool // results have three words
	// Reset resets the device, for rules that ask for it.
	Reset func() error
	// Struck is called at each strike, ahead of what it does, with the number of the rule; nil for nobody.
	Struck func(rule int)
}

// DefaultPatience is what Options without one stand for.
const DefaultPatience = 1 << 16

// ErrCut is what calls return while the link is gone.
var ErrCut = errors.New("link: the connexion was cut")

// Link is a link with faults.
type Link struct {
	inner   hwfpga.Link
	options Options
	clock   *Clock
	rules   []rule
	in, out pipe
	given   int // of what came out
	scratch []uint32
	gone    *rule // that has cut it, nil where it is whole
	left    int64 // calls until it is back
	seen    map[Class]int64
}

var _ hwfpga.Link = (*Link)(nil)

// New makes a link with faults around another, which is its own from then on. Rules that cannot be are an error.
func New(inner hwfpga.Link, o Options, rules ...Rule) (*Link, error) {
	l := &Link{inner: inner, options: o, clock: o.Clock, scratch: make([]uint32, 256), seen: map[Class]int64{}}
	if l.clock == nil {
		l.clock = &Clock{}
	}
	if l.options.Patience == 0 {
		l.options.Patience = DefaultPatience
	}
	for i, r := range rules {
		if err := r.validate(); err != nil {
			return nil, fmt.Errorf("rule %d: %w", i, err)
		}
		if r.Reset && o.Reset == nil {
			return nil, fmt.Errorf("rule %d: link: %v: expected a way to reset the device, found none", i, r.Do)
		}
		l.rules = append(l.rules, rule{Rule: r, rng: rand.New(rand.NewPCG(r.Seed, uint64(i)))})
	}
	l.in = pipe{link: l, class: inward()}
	l.out = pipe{link: l, class: outward(o.Detail)}
	return l, nil
}

// Struck is how often a rule has struck.
func (l *Link) Struck(rule int) int64 { return l.rules[rule].struck }

// Seen is how many words, or accesses, of a class have come to the link so far, the one that is struck among them.
func (l *Link) Seen(c Class) int64 { return l.seen[c] }

// Window implements [hwfpga.Link]: a part of the inner link's is kept for words that come twice.
func (l *Link) Window() int { return l.inner.Window() - l.inner.Window()/8 }

// struckBy gives the rule that strikes the next of a class, nil for none.
func (l *Link) struckBy(c Class) (by *rule) {
	l.seen[c]++
	for i := range l.rules {
		if r := &l.rules[i]; r.strikes(c) && by == nil {
			by = r
			if l.options.Struck != nil {
				l.options.Struck(i)
			}
		}
	}
	return by
}

// Send implements [hwfpga.Link].
func (l *Link) Send(words []uint32) error {
	if away, err := l.away(); away {
		return err
	}
	for _, w := range words {
		if l.gone != nil {
			break // what is behind the cut is lost
		}
		l.in.push(w)
	}
	return l.forward()
}

// forward sends what the rules have left.
func (l *Link) forward() error {
	words := l.in.passed
	l.in.passed = l.in.passed[:0]
	if len(words) == 0 {
		return nil
	}
	return l.inner.Send(words)
}

// Receive implements [hwfpga.Link].
func (l *Link) Receive(words []uint32) (int, error) {
	if len(words) == 0 {
		return 0, nil
	}
	if away, err := l.away(); away {
		if err == nil {
			err = fmt.Errorf("%w: the link is silent", hwfpga.ErrTimeout)
		}
		return 0, err
	}
	for l.given == len(l.out.passed) {
		l.out.passed, l.given = l.out.passed[:0], 0
		n, err := l.inner.Receive(l.scratch[:min(len(words), len(l.scratch))])
		if errors.Is(err, hwfpga.ErrTimeout) {
			if !l.wait() {
				return 0, err
			}
			err = l.forward()
		}
		if err != nil {
			return 0, err
		}
		for _, w := range l.scratch[:n] {
			if l.gone != nil {
				break
			}
			l.out.push(w)
		}
		if l.gone != nil && len(l.out.passed) == 0 {
			return l.Receive(words) // which is away now
		}
	}
	n := copy(words, l.out.passed[l.given:])
	l.given += n
	return n, nil
}

// wait lets time pass until the next late word is due, and tells whether there is one for which there is patience.
func (l *Link) wait() bool {
	tick, some := l.in.due()
	if t, more := l.out.due(); more && (!some || t < tick) {
		tick, some = t, true
	}
	until := l.clock.now + l.options.Patience
	if !some || tick > until {
		l.clock.now = until
		return false
	}
	l.clock.now = max(l.clock.now, tick)
	l.in.settle()
	l.out.settle()
	return true
}

// Close implements [hwfpga.Link].
func (l *Link) Close() error { return l.inner.Close() }

// Inner is the link that this one stands around.
func (l *Link) Inner() hwfpga.Link { return l.inner }
