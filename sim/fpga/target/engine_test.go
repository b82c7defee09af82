package target_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
	"github.com/saccade-dev/saccade/sim/fpga/target/targettest"
)

func small(t testing.TB) hw.EngineConfig {
	t.Helper()
	d, err := hw.NewDecay(20_000, hw.PeakBits(9))
	require.NoError(t, err)
	return hw.EngineConfig{Geometry: events.Geometry{Width: 8, Height: 7}, Mode: hw.EngineSplit, Radius: 1, Neurons: 2, Zero: true, Decay: d}
}

// opened is an engine on a link that can be broken, at work for a while.
func opened(t testing.TB, o hwfpga.Options) (*targettest.Link, hw.Engine) {
	t.Helper()
	l, err := target.Open(small(t))
	require.NoError(t, err)
	link := targettest.NewLink(l, targettest.None, 0)
	e, err := hwfpga.Open(link, small(t), o)
	require.NoError(t, err)
	require.NoError(t, e.SetMode(true, true))
	require.NoError(t, process(e, 100))
	return link, e
}

// process takes n events of one pixel and one stamp through an engine.
func process(e hw.Engine, n int) error {
	in := make([]hw.EngineEvent, n)
	for i := range in {
		in[i] = hw.EngineEvent{X: 3, Y: 3, Stamp: 1 << 20}
	}
	return e.Process(in, make([]int16, n))
}

// Everything that goes wrong is an error of its own, which says what was expected and what was found; and the engine
// is of no use behind it.
func TestErrors(t *testing.T) {
	link, e := opened(t, hwfpga.Options{CheckEvery: 1})
	require.NoError(t, process(e, 1000))
	require.NoError(t, e.Close())
	require.ErrorIs(t, process(e, 1), hwfpga.ErrClosed)
	require.Error(t, link.Send(nil))

	for name, c := range map[string]struct {
		breaks func(l *targettest.Link)
		is     error
		as     any
		says   string
	}{
		"dies":             {func(l *targettest.Link) { l.Break(targettest.Dies) }, targettest.ErrDead, new(*hwfpga.SilenceError), "waiting for the results of 50 events"},
		"silent":           {func(l *targettest.Link) { l.Break(targettest.Silent) }, hwfpga.ErrTimeout, new(*hwfpga.SilenceError), "does not answer"},
		"unplugged":        {func(l *targettest.Link) { l.Break(targettest.Unplugged) }, hwfpga.ErrTimeout, new(*hwfpga.SilenceError), "does not answer"},
		"restarted":        {func(l *targettest.Link) { l.Break(targettest.Restarted) }, nil, new(*hwfpga.SequenceError), "event 100: expected result number 100, found 0"},
		"a word lost":      {func(l *targettest.Link) { l.Next(targettest.DropSent) }, nil, new(*hwfpga.MarkError), "expected the results of 1 more events before it"},
		"a word twice":     {func(l *targettest.Link) { l.Next(targettest.RepeatSent) }, nil, new(*hwfpga.SurplusError), "all of 150 events are answered"},
		"a result lost":    {func(l *targettest.Link) { l.Next(targettest.DropGiven) }, nil, new(*hwfpga.SequenceError), "found 1"},
		"a result twice":   {func(l *targettest.Link) { l.Next(targettest.RepeatGiven) }, nil, new(*hwfpga.SequenceError), "found 1"},
		"overflow in":      {func(l *targettest.Link) { l.Break(targettest.OverflowIn) }, nil, new(*hwfpga.OverflowError), "dropped words that did not fit its input FIFO"},
		"overflow out":     {func(l *targettest.Link) { l.Break(targettest.OverflowOut) }, nil, new(*hwfpga.OverflowError), "dropped results"},
		"other rates":      {func(l *targettest.Link) { write(t, l, hwfpga.RegEta, 77) }, nil, new(*hwfpga.ResetError), "register 0x70: expected 0x0, found 0x4d"},
		"counters cleared": {func(l *targettest.Link) { write(t, l, hwfpga.RegControl, hwfpga.ControlCount) }, nil, new(*hwfpga.ResetError), "expected 0x96, found 0x32"},
		"an error":         {func(l *targettest.Link) { write(t, l, hwfpga.RegID, 1) }, nil, new(*hwfpga.DeviceError), "not that way round: register 0x0"},
	} {
		t.Run(name, func(t *testing.T) {
			link, e := opened(t, hwfpga.Options{CheckEvery: 1})
			c.breaks(link)
			err := process(e, 50)
			require.Error(t, err)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			require.ErrorAs(t, err, c.as)
			require.ErrorContains(t, err, c.says)
			for _, again := range []error{process(e, 1), e.Clear(), e.SetMode(false, false), e.SetRates(0, hw.Rates{}), e.Load(hw.EngineState{}), e.Store(hw.EngineState{})} {
				require.ErrorIs(t, again, hwfpga.ErrFailed)
				require.ErrorContains(t, again, err.Error())
			}
			require.NoError(t, e.Close())
		})
	}
}

func write(t testing.TB, l hwfpga.Link, address, value uint32) {
	t.Helper()
	require.NoError(t, l.Write(address, value))
}

// Counters are compared as often as was asked for, and always before a state is taken from the device.
func TestChecksNowAndThen(t *testing.T) {
	for _, checked := range []func(e hw.Engine) error{
		func(e hw.Engine) error { return process(e, 1000) },
		func(e hw.Engine) error { return e.Store(hw.EngineState{Thresholds: make([]int32, 4)}) },
		func(e hw.Engine) error { return e.Load(hw.EngineState{Thresholds: make([]int32, 4)}) },
	} {
		link, e := opened(t, hwfpga.Options{CheckEvery: 1000})
		link.Break(targettest.OverflowIn)
		require.NoError(t, process(e, 100))
		var overflow *hwfpga.OverflowError
		require.ErrorAs(t, checked(e), &overflow)
	}
}

// A device that was reset just where the numbers of its results begin anew is noticed by the checks of its words, and
// where it has none, by its counters.
func TestResetAtTheWrap(t *testing.T) {
	b := fpga.DefaultBuild()
	for _, b.Checks = range []bool{true, false} {
		d, err := fpga.NewDevice(b)
		require.NoError(t, err)
		link := targettest.NewLink(target.NewLink(d), targettest.None, 0)
		e, err := hwfpga.Open(link, small(t), hwfpga.Options{CheckEvery: 100_000})
		require.NoError(t, err)
		require.NoError(t, e.SetMode(true, true))
		require.NoError(t, process(e, 1<<16))
		link.Break(targettest.Restarted)
		require.NoError(t, e.SetMode(true, true))
		err = process(e, 100)
		if b.Checks {
			var words *hwfpga.WordsError
			require.ErrorAs(t, err, &words)
			continue
		}
		require.NoError(t, err, "its results look right")
		require.NoError(t, process(e, 20_000))
		var counter *hwfpga.CounterError
		require.ErrorAs(t, process(e, 20_000), &counter)
		require.Equal(t, &hwfpga.CounterError{Counter: "events", Expected: 1<<16 + 40_100, Found: 40_100}, counter)
	}
}

// What is no such device, or too small, is refused with what was found, and its link is closed.
func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		link   func(l *fakeLink)
		layer  func(c *hw.EngineConfig)
		option hwfpga.Options
		as     any
		says   string
	}{
		"another thing":   {func(l *fakeLink) { l.reads[hwfpga.RegID] = 0x12345678 }, nil, hwfpga.Options{}, new(*hwfpga.IdentityError), "identification: expected 0x44414353, found 0x12345678"},
		"another version": {func(l *fakeLink) { l.reads[hwfpga.RegVersion] = 7 << 16 }, nil, hwfpga.Options{}, new(*hwfpga.IdentityError), "major version: expected 0x1, found 0x7"},
		"few rows":        {func(l *fakeLink) { l.reads[hwfpga.RegRows] = 1 }, nil, hwfpga.Options{}, new(*hwfpga.LimitError), "radius: the device has at most 0, the layer asks for 1"},
		"few neurons":     {func(l *fakeLink) { l.reads[hwfpga.RegNeurons] = 1 }, nil, hwfpga.Options{}, new(*hwfpga.LimitError), "neurons: the device has at most 1, the layer asks for 2"},
		"few cells":       {func(l *fakeLink) { l.reads[hwfpga.RegCells] = 15 }, nil, hwfpga.Options{}, new(*hwfpga.LimitError), "for 8x7 pixels: the device has at most 15, the layer asks for 16"},
		"no rows":         {func(l *fakeLink) { l.reads[hwfpga.RegRows] = 0 }, nil, hwfpga.Options{}, nil, "found 0, 64 and 4096"},
		"never idle":      {func(l *fakeLink) { l.reads[hwfpga.RegStatus] = 0 }, nil, hwfpga.Options{}, new(*hwfpga.BusyError), "expected the device to be idle, found status 0x0"},
		"no window":       {func(l *fakeLink) { l.window = 3 }, nil, hwfpga.Options{}, nil, "expected room for 20 words on their way, found 3"},
		"a wrong option":  {func(*fakeLink) {}, nil, hwfpga.Options{CheckEvery: -1}, nil, "found -1"},
		"refused by the device": {
			func(*fakeLink) {}, func(c *hw.EngineConfig) { c.MinRecent, c.Recent = 100, 1 },
			hwfpga.Options{},
			new(*hwfpga.DeviceError),
			"configuration refused for register 0x68",
		},
	} {
		t.Run(name, func(t *testing.T) {
			layer := small(t)
			l, err := target.Open(layer)
			require.NoError(t, err)
			if c.layer != nil {
				c.layer(&layer)
			}
			link := &fakeLink{Link: l, window: l.Window(), reads: map[uint32]uint32{}}
			c.link(link)
			e, err := hwfpga.Open(link, layer, c.option)
			require.Nil(t, e)
			require.ErrorContains(t, err, c.says)
			if c.as != nil {
				require.ErrorAs(t, err, c.as)
			}
			require.Error(t, l.Send(nil), "the link is closed")
		})
	}
}

// fakeLink is a link whose registers read otherwise than the device's.
type fakeLink struct {
	*target.Link
	reads  map[uint32]uint32
	window int
}

func (l *fakeLink) Window() int { return l.window }

func (l *fakeLink) Read(address uint32) (uint32, error) {
	if v, ok := l.reads[address]; ok {
		return v, nil
	}
	return l.Link.Read(address)
}

// Results that cannot be are noticed one by one.
func TestImpossibleResults(t *testing.T) {
	for _, c := range []struct {
		name   string
		e      hw.EngineEvent
		winner int16
		change func(c *hw.EngineConfig)
	}{
		{"beyond the neurons", hw.EngineEvent{X: 3, Y: 3, P: 1}, 4, nil},
		{"of the other bank", hw.EngineEvent{X: 3, Y: 3, P: 1}, 1, nil},
		{"of the other bank", hw.EngineEvent{X: 3, Y: 3}, 2, nil},
		{"refused", hw.EngineEvent{X: 3, Y: 3}, hwfpga.Refused, nil},
		{"no noise", hw.EngineEvent{X: 3, Y: 3}, hw.Noise, nil},
		{"missed, where nothing selects", hw.EngineEvent{X: 3, Y: 3}, hw.Missed, nil},
		{"not outside", hw.EngineEvent{X: 3, Y: 3}, hw.Outside, nil},
		{"outside", hw.EngineEvent{X: 8, Y: 3}, 0, nil},
		{"at no border", hw.EngineEvent{}, hw.Border, nil},
		{"at the border", hw.EngineEvent{}, 0, func(c *hw.EngineConfig) { c.Zero = false }},
		{"ignored", hw.EngineEvent{X: 3, Y: 3}, 0, func(c *hw.EngineConfig) { c.Mode = hw.EngineOn }},
		{"not ignored", hw.EngineEvent{X: 3, Y: 3, P: 1}, hw.Ignored, func(c *hw.EngineConfig) { c.Mode = hw.EngineOn }},
	} {
		t.Run(c.name, func(t *testing.T) {
			layer := small(t)
			if c.change != nil {
				c.change(&layer)
			}
			l, err := target.Open(layer)
			require.NoError(t, err)
			e, err := hwfpga.Open(&liar{Link: l, winner: c.winner}, layer, hwfpga.Options{})
			require.NoError(t, err)
			var wrong *hwfpga.ResultError
			err = e.Process([]hw.EngineEvent{c.e}, make([]int16, 1))
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, c.winner, wrong.Found)
		})
	}
	t.Run("a stamp beyond the last", func(t *testing.T) {
		_, e := opened(t, hwfpga.Options{})
		require.ErrorContains(t, e.Process([]hw.EngineEvent{{Stamp: hw.MaxStamp + 1}}, make([]int16, 1)), "expected a stamp of at most MaxStamp")
	})
}

// liar is a link that gives one winner for all events.
type liar struct {
	*target.Link
	winner int16
}

func (l *liar) Receive(words []uint32) (int, error) {
	n, err := l.Link.Receive(words)
	for i, w := range words[:n] {
		if int16(uint16(w)) != hwfpga.MarkResult {
			words[i] = w&^0xffff | uint32(uint16(l.winner))
		}
	}
	return n, err
}

// A link in this process has its bounds too: words beyond its window, use behind its end.
func TestLink(t *testing.T) {
	l, err := target.Open(small(t))
	require.NoError(t, err)
	require.ErrorContains(t, l.Send(make([]uint32, target.Window+1)), "expected at most 4096 words under way, found 4097")
	n, err := l.Receive(nil)
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = l.Receive(make([]uint32, 1))
	require.ErrorIs(t, err, hwfpga.ErrTimeout)
	require.NoError(t, l.Send(make([]uint32, 10)))
	_, err = l.Receive(make([]uint32, 1))
	require.ErrorContains(t, err, "10 words wait that it does not take", "it is not configured")
	require.NoError(t, l.Close())
	for _, err := range []error{l.Send(nil), l.Write(0, 0)} {
		require.ErrorContains(t, err, "closed")
	}
	_, err = l.Read(0)
	require.Error(t, err)
	_, err = l.Receive(make([]uint32, 1))
	require.ErrorContains(t, err, "closed")
}
