// Package progress draws a progress bar on a terminal, and nothing elsewhere.
package progress

import (
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Bars draws bars on one terminal. The nil *Bars draws nothing.
type Bars struct{ p *mpb.Progress }

// On makes bars on w if it is a terminal, and none if not.
func On(w io.Writer, terminal bool) *Bars {
	if !terminal {
		return nil
	}
	return &Bars{mpb.New(mpb.WithOutput(w), mpb.WithWidth(64))}
}

// Wait ends the drawing; every bar must have been done.
func (b *Bars) Wait() {
	if b != nil {
		b.p.Wait()
	}
}

// Bar is one bar. The nil *Bar draws nothing. It may be used by several
// goroutines at once.
type Bar struct{ b *mpb.Bar }

// Add draws a new bar of n steps.
func (b *Bars) Add(name string, n int) *Bar {
	if b == nil {
		return nil
	}
	return &Bar{b.p.AddBar(
		int64(n),
		mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR), decor.CountersNoUnit("%d/%d", decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 8})),
	)}
}

// Step is one step more.
func (b *Bar) Step() {
	if b != nil {
		b.b.Increment()
	}
}

// Done ends the bar, also one that did not get to its end.
func (b *Bar) Done() {
	if b != nil {
		b.b.Abort(false)
	}
}
