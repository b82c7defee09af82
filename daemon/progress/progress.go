package progress

import (
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Kind says how progress is shown.
type Kind int

// The kinds.
const (
	None  Kind = iota // not at all
	Lines             // a line when a stage has ended
	Bars              // bars that are drawn over and over: for terminals only
)

// Display shows stages one below the other.
type Display struct {
	kind Kind
	w    io.Writer
	bars *mpb.Progress // nil but for Bars
	now  func() time.Time

	mu sync.Mutex // over w, for Lines
}

// nameWidth is the column of the stages' names, so that bars stand below each
// other whatever comes next.
const nameWidth = 22

// numbersWidth is the column behind the bars. With the name's it leaves half of a
// terminal of 80 columns to the bar.
const numbersWidth = 20

// barWidth bounds what name, bar and numbers take together.
const barWidth = 60

// New makes a display on w.
func New(w io.Writer, kind Kind) *Display {
	d := &Display{kind: kind, w: w, now: time.Now}
	if kind == Bars {
		// Whether w is a terminal was decided by whoever asked for bars.
		d.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(barWidth), mpb.WithAutoRefresh())
	}
	return d
}

// Close ends the drawing. Every stage must have been ended.
func (d *Display) Close() {
	if d.bars != nil {
		d.bars.Wait()
	}
}

// Stage is one thing that takes a while. It may be used by several goroutines at
// once, but for End.
type Stage struct {
	display     *Display
	name        string
	start       time.Time
	done, total atomic.Int64
	share       atomic.Bool  // done and total are a share, and no counts
	took        atomic.Int64 // nanoseconds, once it has ended
	note        atomic.Pointer[string]
	bar         *mpb.Bar // nil but for Bars
}

// Stage begins a stage, of which nothing is known but its name.
func (d *Display) Stage(name string) *Stage {
	s := &Stage{display: d, name: name, start: d.now()}
	if d.bars == nil {
		return s
	}
	s.bar = d.bars.New(
		0, // the total is told later
		mpb.BarStyle().Lbound("").Filler("█").Tip("").Padding("░").Rbound(""),
		mpb.PrependDecorators(decor.Name(name, decor.WC{W: nameWidth, C: decor.DindentRight | decor.DextraSpace})),
		mpb.AppendDecorators(decor.Any(s.numbers, decor.WC{W: numbersWidth, C: decor.DindentRight})),
	)
	return s
}

// Steps tells how many steps the stage has and gives what is to be called at each.
func (s *Stage) Steps(total int) (step func()) {
	s.Set(0, total)
	return func() { s.Set(int(s.done.Add(1)), total) }
}

// Set tells how much of the stage is done. The largest number told counts, so that
// goroutines need not agree on an order.
func (s *Stage) Set(done, total int) {
	s.total.Store(int64(total))
	for {
		before := s.done.Load()
		if int64(done) <= before || s.done.CompareAndSwap(before, int64(done)) {
			break
		}
	}
	if s.bar != nil {
		s.bar.SetTotal(int64(total), false)
		s.bar.SetCurrent(s.done.Load())
	}
}

// shareTotal is how finely a share is kept.
const shareTotal = 1000

// Share tells which share of the stage is done, 0 to 1, where its steps are nothing
// that anybody would count.
func (s *Stage) Share(done float64) {
	s.share.Store(true)
	s.Set(int(done*shareTotal), shareTotal)
}

// End ends the stage, also one that did not get to its end.
func (s *Stage) End() {
	s.took.Store(max(int64(s.display.now().Sub(s.start)), 1))
	done, total := s.done.Load(), s.total.Load()
	switch {
	case s.bar != nil && done >= total:
		s.bar.SetTotal(-1, true)
		s.bar.Wait()
	case s.bar != nil:
		s.bar.Abort(false)
		s.bar.Wait()
	case s.display.kind == Lines:
		s.line(done, total)
	}
}

func (s *Stage) line(done, total int64) {
	count := ""
	if total > 0 && !s.share.Load() {
		count = fmt.Sprintf(" %d of %d", done, total)
	}
	s.display.mu.Lock()
	defer s.display.mu.Unlock()
	// What cannot be told here does not matter to the result.
	_, _ = fmt.Fprintf(s.display.w, "%s:%s in %.1f s%s\n", s.name, count, s.elapsed().Seconds(), s.noted(": "))
}

// numbers is what stands behind a bar: what is done and how long it will take, or
// took.
func (s *Stage) numbers(st decor.Statistics) string {
	elapsed := s.elapsed()
	count := ""
	if st.Total > 0 && !s.share.Load() {
		total := strconv.FormatInt(st.Total, 10)
		count = fmt.Sprintf("  %*d/%s", len(total), st.Current, total)
	}
	if s.took.Load() > 0 || st.Total <= 0 || st.Current <= 0 {
		return fmt.Sprintf("%s  %s%s", count, short(elapsed), s.noted("  "))
	}
	left := time.Duration(float64(elapsed) / float64(st.Current) * float64(st.Total-st.Current))
	return fmt.Sprintf("%s  %s left%s", count, short(left), s.noted("  "))
}

// elapsed is how long the stage takes, or took: the bars of those that have ended
// are still drawn with the others.
func (s *Stage) elapsed() time.Duration {
	if took := s.took.Load(); took > 0 {
		return time.Duration(took)
	}
	return s.display.now().Sub(s.start)
}

// short writes a time for people.
func short(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
