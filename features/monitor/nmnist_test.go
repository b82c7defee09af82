package monitor_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// recording is a real recording and its digit.
type recording struct {
	digit  string
	events []events.Event
}

// nmnist reads the training recordings, in the order of their names.
func nmnist(t *testing.T) []recording {
	if testing.Short() {
		t.Skip("takes millions of events, and minutes where they are emulated")
	}
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	files, err := filepath.Glob(filepath.Join(data, "nmnist", "Train", "*", "*.bin"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no recordings below %s", data)
	out := make([]recording, 0, len(files))
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		r := recording{digit: filepath.Base(filepath.Dir(file))}
		// Five bytes an event: x, y, the polarity above 23 bits of time.
		for ; len(b) >= 5; b = b[5:] {
			r.events = append(r.events, events.Event{
				T: int64(b[2]&0x7f)<<16 | int64(b[3])<<8 | int64(b[4]),
				X: uint16(b[0]), Y: uint16(b[1]), P: events.Polarity(b[2] >> 7),
			})
		}
		out = append(out, r)
	}
	return out
}

// stream feeds recordings in a random order to a layer under a monitor.
type stream struct {
	layer   *feast.Layer
	monitor *monitor.Monitor
	rng     *rand.Rand
	winners []int16

	before  feast.Weights
	changes []change // of the weights, which no detector sees
	found   []monitor.Finding
}

// change is how far the weights have turned in an interval.
type change struct {
	at   uint64
	turn float64
}

func newStream(t *testing.T, c feast.Config, seed uint64) *stream {
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	layer, err := feast.New(c, target)
	require.NoError(t, err)
	m, err := monitor.New(c, monitor.DefaultOptions(c))
	require.NoError(t, err)
	return &stream{layer: layer, monitor: m, rng: rand.New(rand.NewPCG(seed, 4)), before: layer.Weights()}
}

// branch is a stream that goes on from where another is, in an order of its own.
func (s *stream) branch(t *testing.T, order uint64) *stream {
	out := newStream(t, s.layer.Config(), order)
	b, err := s.layer.MarshalBinary()
	require.NoError(t, err)
	require.NoError(t, out.layer.UnmarshalBinary(b))
	b, err = s.monitor.MarshalBinary()
	require.NoError(t, err)
	require.NoError(t, out.monitor.UnmarshalBinary(b))
	out.before = s.before
	return out
}

// feed goes on for n events, to the end of a recording.
func (s *stream) feed(t *testing.T, from []recording, n int, alter func(*events.Event)) {
	var in []events.Event
	for n > 0 {
		for _, i := range s.rng.Perm(len(from)) {
			in = append(in[:0], from[i].events...)
			if alter != nil {
				for k := range in {
					alter(&in[k])
				}
			}
			s.layer.Reset()
			if len(s.winners) < len(in) {
				s.winners = make([]int16, len(in))
			}
			was, _ := s.monitor.Latest()
			found, err := s.monitor.Process(s.layer, in, s.winners[:len(in)])
			require.NoError(t, err)
			s.found = append(s.found, found...)
			if is, _ := s.monitor.Latest(); is.To != was.To {
				w := s.layer.Weights()
				s.changes = append(s.changes, change{is.To, monitor.WeightChange(s.layer.Config(), s.before, w)})
				s.before = w
			}
			if n -= len(in); n <= 0 {
				break
			}
		}
	}
}

// drift is the first drift found, and how many events after a change.
func (s *stream) drift(changed uint64) (monitor.Finding, uint64, bool) {
	for _, f := range s.found {
		if f.Change == monitor.Drift {
			return f, f.At - changed, true
		}
	}
	return monitor.Finding{}, 0, false
}

// rested is when the weights had settled: from where on their change in an interval,
// the mean of three, stays within three times that of the stream's last eleven intervals.
func rested(changes []change) (at uint64, floor, first float64) {
	for _, c := range changes[len(changes)-10:] {
		floor += c.turn / 10
	}
	for i := len(changes) - 3; i >= 0; i-- {
		if (changes[i].turn+changes[i+1].turn+changes[i+2].turn)/3 > 3*floor {
			return changes[i+1].at, floor, changes[0].turn
		}
	}
	return 0, floor, changes[0].turn
}

// within is how many events after a change it must have been found: eleven intervals.
const within = 720_896

// The detector must find on real recordings what it is for. Its parameters were chosen
// on other orders and seeds.
func TestNMNIST(t *testing.T) {
	recordings := nmnist(t)
	configs := []struct {
		name      string
		learn     int // events until the stream changes
		configure func(*feast.Config)
	}{
		{"default", 1_700_000, func(*feast.Config) {}},
		{"32 neurons of 5x5", 1_700_000, func(c *feast.Config) { c.Neurons, c.Radius = 32, 2 }},
		{"eta 0.00005", 3_300_000, func(c *feast.Config) { c.Eta = 0.00005 }},
	}
	for _, config := range configs {
		for _, seed := range []uint64{101, 102} {
			t.Run(fmt.Sprintf("%s, seed %d", config.name, seed), func(t *testing.T) {
				t.Parallel()
				c := feast.Default()
				c.Seed = seed
				config.configure(&c)
				s := newStream(t, c, seed)
				s.feed(t, recordings, config.learn, nil)
				require.Len(t, s.found, 1)
				require.Equal(t, monitor.Settled, s.found[0].Change)
				require.True(t, s.monitor.Settled())
				changed := s.layer.Counters().Events()

				// Nothing changes: nothing is found, and the weights show when they settled.
				same := s.branch(t, seed+10)
				same.feed(t, recordings, 1_500_000, nil)
				require.Empty(t, same.found, "a drift where nothing changed")
				at, floor, first := rested(slices.Concat(s.changes, same.changes))
				t.Logf("weights turn by %.5f in the first interval, %.5f in the last: at rest after %d events, settled found after %d",
					first, floor, at, s.found[0].At)
				require.GreaterOrEqual(t, s.found[0].At, at, "settled before the weights were")
				require.Less(t, s.found[0].At, at+1_100_000, "settled long after the weights were")
				require.NotContains(t, []monitor.State{monitor.Falling, monitor.Rising}, same.monitor.Balance().State)

				for _, alter := range []struct {
					name string
					how  func(*events.Event)
				}{
					{"polarities swapped", func(e *events.Event) { e.P ^= 1 }},
					{"four times as fast", func(e *events.Event) { e.T /= 4 }},
					{"a quarter as fast", func(e *events.Event) { e.T *= 4 }},
				} {
					other := s.branch(t, seed+20)
					other.feed(t, recordings, within+50_000, alter.how)
					f, late, ok := other.drift(changed)
					t.Logf("%s: drift found: %v, after %d events, by the %s", alter.name, ok, late, f.Signal)
					require.True(t, ok && late <= within, alter.name)
				}
			})
		}
	}
}

// Other digits are a small change: strokes are strokes. Features of 11x11 pixels tell.
func TestNMNISTOtherDigits(t *testing.T) {
	recordings := nmnist(t)
	of := func(digits string) (out []recording) {
		for _, r := range recordings {
			if strings.Contains(digits, r.digit) {
				out = append(out, r)
			}
		}
		return out
	}
	for _, seed := range []uint64{103, 104} {
		c := feast.Default()
		c.Seed = seed
		s := newStream(t, c, seed)
		s.feed(t, of("01"), 2_500_000, nil)
		require.Len(t, s.found, 1)
		require.Equal(t, monitor.Settled, s.found[0].Change)
		changed := s.layer.Counters().Events()
		s.feed(t, of("78"), within+50_000, nil)
		f, late, ok := s.drift(changed)
		t.Logf("seed %d: settled after %d events; 7 and 8 instead of 0 and 1: drift found: %v, after %d events, by the %s",
			seed, s.found[0].At, ok, late, f.Signal)
		require.True(t, ok && late <= within)
	}
}
