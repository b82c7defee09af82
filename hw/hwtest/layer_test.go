package hwtest_test

import (
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

var sensor = events.Geometry{Width: 12, Height: 9}

// mixer is a layer that learns nothing: every result depends on all events
// before it, so that the suite is tested without a layer that is any use.
type mixer struct {
	learning bool
	mix      uint64 // over all events that learning was on for
	last     int64

	// The mistakes it can make.
	short     bool // times in 32 bits
	packets   bool // the place in the packet matters
	forgets   bool // whether learning is on is not in the state
	shares    bool // the state does not replace what there was
	outside   bool // events outside move the time
	careless  bool // takes any state
	changes   bool // a state that is refused has changed something
	lateReset bool // Reset does nothing
	marshals  bool // taking the state changes it
}

func (m *mixer) Process(in []events.Event, winners []int16) error {
	for i, e := range in {
		if !sensor.Contains(e.X, e.Y) {
			winners[i] = hw.Outside
			if m.outside {
				m.last = e.T
			}
			continue
		}
		dt := uint64(e.T) - uint64(m.last)
		if m.short {
			dt = uint64(uint32(dt))
		}
		m.last = e.T
		result := (m.mix+dt*0x9e3779b97f4a7c15)>>40 + uint64(e.X)*31 + uint64(e.Y)*7 + uint64(e.P)
		if m.packets {
			result += uint64(i)
		}
		if m.learning {
			m.mix = m.mix*6364136223846793005 + result
		}
		winners[i] = int16(result % 16)
	}
	return nil
}

func (m *mixer) Reset() {
	if !m.lateReset {
		m.last = 0
	}
}

func (m *mixer) SetLearning(on bool) { m.learning = on }

func (m *mixer) MarshalBinary() ([]byte, error) {
	b := []byte{'M', 0}
	if m.learning && !m.forgets {
		b[1] = 1
	}
	b = binary.LittleEndian.AppendUint64(b, m.mix)
	b = binary.LittleEndian.AppendUint64(b, uint64(m.last))
	if m.marshals {
		m.mix++
	}
	return b, nil
}

func (m *mixer) UnmarshalBinary(b []byte) error {
	if m.changes && len(b) > 0 {
		m.learning = !m.learning
	}
	if !m.careless && (len(b) != 18 || b[0] != 'M') {
		return errors.New("no state of a mixer")
	}
	if len(b) < 18 {
		return nil
	}
	if !m.forgets {
		m.learning = b[1] == 1
	}
	mix := binary.LittleEndian.Uint64(b[2:])
	if m.shares {
		mix |= m.mix
	}
	m.mix, m.last = mix, int64(binary.LittleEndian.Uint64(b[10:]))
	return nil
}

var brokenLayers = map[string]struct {
	says string
	make mixer
}{
	"times in 32 bits":            {"FAIL: TestBrokenLayer/steps_of_the_wrap/packets", mixer{short: true}},
	"cut into packets":            {"in packets of seven: event", mixer{packets: true}},
	"learning not in the state":   {"FAIL: TestBrokenLayer/edges/carried_over", mixer{forgets: true}},
	"state mixed with the old":    {"FAIL: TestBrokenLayer/edges/carried_over", mixer{shares: true}},
	"events outside count":        {"FAIL: TestBrokenLayer/events_outside/packets", mixer{outside: true}},
	"takes any state":             {"expected an error, found none", mixer{careless: true}},
	"changed by a state refused":  {"the layer was changed", mixer{changes: true}},
	"does not reset":              {"FAIL: TestBrokenLayer/edges/switched", mixer{lateReset: true}},
	"changed by taking its state": {"FAIL: TestBrokenLayer/edges/carried_over", mixer{marshals: true}},
}

// TestBrokenLayer is the test that has to fail, in the other process.
func TestBrokenLayer(t *testing.T) {
	b, found := brokenLayers[os.Getenv(brokenEnv)]
	if !found {
		t.Skip("run by TestLayerFindsMistakes")
	}
	hwtest.Layer(t, mixers(b.make), mixers(mixer{}), hwtest.Streams(sensor, 1000, 1)...)
}

func mixers(like mixer) func(testing.TB) hw.Layer {
	return func(testing.TB) hw.Layer {
		m := like
		m.learning = true
		return &m
	}
}

func TestLayerFindsMistakes(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(brokenLayers)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, failed := runTest(t, "^TestBrokenLayer$", brokenEnv+"="+name)
			require.True(t, failed, "the suite passed:\n%s", out)
			require.Contains(t, out, brokenLayers[name].says)
			require.NotContains(t, out, "goroutine ", "the suite reports, it does not crash")
		})
	}
}

func TestLayerPassesEqualLayers(t *testing.T) {
	hwtest.Layer(t, mixers(mixer{}), mixers(mixer{}), hwtest.Streams(sensor, 1000, 1)...)
}
