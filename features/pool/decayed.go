package pool

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// DecayedConfig is what a Decayed sums.
type DecayedConfig struct {
	Pool Config // what is summed, and how the sums are presented
	Tau  int64  // the time constant in microseconds, 1 to hw.MaxTau
}

// Validate tells what is wrong with a configuration, nil if nothing is.
func (c DecayedConfig) Validate() error {
	if c.Tau < 1 || c.Tau > hw.MaxTau {
		return fmt.Errorf("pool: tau of %d us: expected 1 to %d us", c.Tau, int64(hw.MaxTau))
	}
	return c.Pool.Validate()
}

// Decayed is time-decayed activations: as a Pool it adds up features by cell, but
// an event counts exp(-age/tau), its age being how long before the latest event it
// came. It describes what the camera saw last, of a stream without beginning or
// end.
//
// Time goes in ticks of tau*ln(2)/64, about a hundredth of tau: events of a tick
// count the same. Sums are integers, so that neither the order of the events of a
// tick nor how a stream was cut into packets can change them. An event that is
// older than the one before it counts as if it came with it.
//
// Make one with NewDecayed, or let UnmarshalBinary fill a zero Decayed. It is not
// safe for concurrent use.
type Decayed struct {
	config DecayedConfig
	shape  *Pool // tells where an event is counted; it counts nothing itself
	sums   []uint64

	started bool
	start   int64 // the time of the first event
	tick    int64 // of the latest event, since start
	base    int64 // the octave (64 ticks) that sums are relative to
	last    int64 // the time that tick and weight belong to
	weight  uint64
}

// NewDecayed makes an empty Decayed.
func NewDecayed(c DecayedConfig) (*Decayed, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	shape, err := New(c.Pool)
	if err != nil {
		return nil, err
	}
	c.Pool = shape.config
	d := &Decayed{config: c, shape: shape, sums: make([]uint64, len(shape.counts))}
	shape.counts = nil // 4 bytes an entry for nothing
	return d, nil
}

// Config is the configuration with its defaults filled in.
func (d *Decayed) Config() DecayedConfig { return d.config }

// Len is the length of the vector: cells times features.
func (d *Decayed) Len() int { return len(d.sums) }

// Reset forgets all events.
func (d *Decayed) Reset() {
	clear(d.sums)
	d.started, d.start, d.tick, d.base, d.last, d.weight = false, 0, 0, 0, 0, 0
}

// Add sums the events of a packet, of which [Pool.Add] tells which count.
func (d *Decayed) Add(in []events.Event, winners []int16) {
	if len(d.sums) == 0 || len(in) == 0 {
		return
	}
	p, features := d.shape, d.config.Pool.Features
	raw, spread := d.config.Pool.Source == SourceEvents, d.config.Pool.Spread == SpreadBilinear
	if !raw && len(winners) != len(in) {
		panic(PanicWinners)
	}
	for i := range in {
		// Time passes with every event, with those that are not counted, too.
		if t := in[i].T; t != d.last || !d.started {
			d.advance(t)
		}
		x, y := int(in[i].X), int(in[i].Y)
		if x >= len(p.col) || y >= len(p.row) {
			continue
		}
		f := int(min(in[i].P, events.On))
		if !raw {
			f = int(winners[i])
		}
		if f < 0 || f >= features {
			continue
		}
		if !spread {
			grow(&d.sums[int(p.col[x]+p.row[y])+f], d.weight)
			continue
		}
		sx, sy := &p.shareX[x], &p.shareY[y]
		for j := range sy.at {
			for k := range sx.at {
				grow(&d.sums[int(sy.at[j]+sx.at[k])+f], d.weight*uint64(sy.part[j])*uint64(sx.part[k]))
			}
		}
	}
}

// maxSum is where a sum stops, well below what a uint64 holds.
const maxSum = 1 << 62

// grow adds to a sum.
func grow(sum *uint64, by uint64) { *sum = min(*sum+by, maxSum) }

// advance moves on to the time of an event and finds what it weighs.
func (d *Decayed) advance(t int64) {
	if !d.started {
		d.started, d.start, d.last = true, t, t
	}
	d.last = t
	elapsed := t - d.start
	if t > d.start && elapsed < 0 {
		elapsed = math.MaxInt64 // further apart than an int64 can tell
	}
	if now := ticks(elapsed, d.config.Tau); now > d.tick {
		d.tick = now
	}
	octave := d.tick / ticksPerHalf
	if ahead := octave - d.base; ahead > maxOctaves {
		shift := uint(min(ahead, 63))
		for i := range d.sums {
			d.sums[i] >>= shift
		}
		d.base = octave
	}
	d.weight = mantissa[d.tick%ticksPerHalf] << (octave - d.base)
}

// Vector writes the sums, transformed and normalised, into dst, which is made anew
// if it is too short, and returns it with the length Len. Without a norm, an entry
// whose events all came at the latest tick is their number, or their parts.
func (d *Decayed) Vector(dst []float32) []float32 {
	dst = sized(dst, len(d.sums))
	if d.weight == 0 {
		clear(dst)
		return dst
	}
	// Every step is one correctly rounded operation, so that there is nothing to fuse.
	unit, root := float64(d.weight), d.config.Pool.Transform == TransformSqrt
	length := 1.0
	if d.config.Pool.Norm == NormL2 {
		var sum float64
		for _, n := range d.sums {
			v := float64(n) / unit
			if !root {
				v = float64(v * v)
			}
			sum += v
		}
		if sum == 0 {
			clear(dst)
			return dst
		}
		length = math.Sqrt(sum)
	}
	for i, n := range d.sums {
		v := float64(n) / unit
		if root {
			v = math.Sqrt(v)
		}
		dst[i] = float32(v / length)
	}
	return dst
}
