package benchmarks

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// peerRounds is how often a peer goes over its events in a measurement.
const peerRounds = 20

// sweep is a packet of events of a vertical edge that sweeps the sensor, a
// microsecond apart, with one event in eight of noise; none lies so near the border
// that it costs nothing.
func sweep(c feast.Config, n int) []events.Event {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([]events.Event, n)
	width, height := c.Width-2*c.Radius, c.Height-2*c.Radius
	for i := range out {
		x := (i*width/n + rng.IntN(3)) % width
		if rng.IntN(8) == 0 {
			x = rng.IntN(width)
		}
		out[i] = events.Event{T: int64(i), X: uint16(c.Radius + x), Y: uint16(c.Radius + rng.IntN(height)), P: events.On}
	}
	return out
}

// BenchmarkFEAST is a layer on each target beside plain C: the same events, the same
// parameters, the same initial weights, one thread. It needs gcc for the C.
func BenchmarkFEAST(b *testing.B) {
	program := compilePeer(b)
	for _, size := range []struct{ width, height, neurons, radius int }{
		{34, 34, 16, 5}, {240, 180, 100, 6},
	} {
		c := feast.Default()
		c.Mode, c.Width, c.Height, c.Neurons, c.Radius = feast.Merged, size.width, size.height, size.neurons, size.radius
		in := sweep(c, 1<<14)
		span := int64(len(in))
		for _, learning := range []bool{true, false} {
			name := fmt.Sprintf("%dx%d/neurons=%d/side=%d/learning=%v", c.Width, c.Height, c.Neurons, c.Side(), learning)
			b.Run(name+"/c", func(b *testing.B) {
				if program == "" {
					b.Skip("no gcc to compile the peer with")
				}
				for b.Loop() {
					seconds, hits, misses := runPeer(b, program, c, in, span, learning)
					b.ReportMetric(float64(peerRounds*len(in))/seconds, "events/s")
					b.ReportMetric(float64(misses)/float64(hits), "misses/hit")
				}
			})
			for _, target := range hw.Targets() {
				if target.Usable() != nil {
					continue
				}
				b.Run(name+"/"+target.Name(), func(b *testing.B) {
					for b.Loop() {
						layer, err := feast.New(c, target)
						require.NoError(b, err)
						layer.SetLearning(learning)
						seconds := timeLayer(b, layer, in, span)
						n := layer.Counters()
						b.ReportMetric(float64(peerRounds*len(in))/seconds, "events/s")
						b.ReportMetric(float64(n.Missed)/float64(n.Hits), "misses/hit")
					}
				})
			}
		}
	}
}

// timeLayer runs a layer over the events as often as a peer does, and gives the
// seconds that took.
func timeLayer(b *testing.B, layer *feast.Layer, in []events.Event, span int64) float64 {
	packet := make([]events.Event, len(in))
	winners := make([]int16, len(in))
	start := b.Elapsed()
	for r := range int64(peerRounds) {
		for i, e := range in {
			e.T += r * span
			packet[i] = e
		}
		for at := 0; at < len(packet); at += events.DefaultPacketEvents {
			end := min(at+events.DefaultPacketEvents, len(packet))
			require.NoError(b, layer.Process(packet[at:end], winners[at:end]))
		}
	}
	return (b.Elapsed() - start).Seconds()
}

// compilePeer compiles the C program for this machine; empty where there is no gcc.
func compilePeer(b *testing.B) string {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		return ""
	}
	program := filepath.Join(b.TempDir(), "feast")
	out, err := exec.CommandContext(b.Context(), gcc, "-O3", "-march=native", "-ffast-math", "-o", program, "peer/feast.c", "-lm").CombinedOutput()
	require.NoError(b, err, "%s", out)
	return program
}

func runPeer(b *testing.B, program string, c feast.Config, in []events.Event, span int64, learning bool) (seconds float64, hits, misses int) {
	weights, thresholds := feast.RandomWeights(c).Float()
	var data bytes.Buffer
	put := func(v any) { require.NoError(b, binary.Write(&data, binary.LittleEndian, v)) }
	put([]int64{int64(len(in)), span})
	for _, list := range [][]float64{weights, thresholds} {
		narrow := make([]float32, len(list))
		for i, v := range list {
			narrow[i] = float32(v)
		}
		put(narrow)
	}
	for _, e := range in {
		put(struct {
			T      int64
			X, Y   uint16
			Unused uint32
		}{e.T, e.X, e.Y, 0})
	}
	on := "0"
	if learning {
		on = "1"
	}
	format := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	cmd := exec.CommandContext(b.Context(), program, strconv.Itoa(c.Width), strconv.Itoa(c.Height),
		strconv.Itoa(c.Neurons), strconv.Itoa(c.Radius), format(float64(c.Tau.Microseconds())),
		format(c.Eta), format(c.DeltaI), format(c.DeltaE), strconv.Itoa(peerRounds), on)
	cmd.Stdin = &data
	out, err := cmd.Output()
	require.NoError(b, err)
	_, err = fmt.Sscan(string(out), &seconds, &hits, &misses)
	require.NoError(b, err)
	return seconds, hits, misses
}
