package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
)

var geometry = events.Geometry{Width: 34, Height: 34}

// sent is what cameras have sent, in events unless it says messages.
type sent struct {
	whole, twice, cut, unreadable, never int // never: missing in the stream
	messages, steps                      int // steps of a clock
}

// camera is a sensor that sends what it likes.
type camera struct {
	t       testing.TB
	name    string
	js      jetstream.JetStream
	rng     *rand.Rand
	encoder events.Encoder
	seq     uint64
	session int
	now     int64
	number  int // of what was published, for the server to know it again
	sent    sent
}

func newCamera(t testing.TB, js jetstream.JetStream, i int) *camera {
	e, err := events.EncodingByName("mono")
	require.NoError(t, err)
	return &camera{t: t, name: fmt.Sprintf("camera%d", i), js: js, rng: rand.New(rand.NewPCG(uint64(i), 11)), encoder: e.NewEncoder()}
}

// come has the camera send some messages, and go.
func (c *camera) come(ctx context.Context) {
	if c.rng.IntN(4) == 0 { // it was switched off between
		c.session, c.seq, c.now = c.session+1, 0, 0
	}
	for range 5 + c.rng.IntN(10) {
		c.send(ctx)
	}
}

func (c *camera) send(ctx context.Context) {
	if c.rng.IntN(15) == 0 { // its clock steps
		c.now = max(0, c.now+int64(c.rng.IntN(4_000_000))-2_000_000)
		c.sent.steps++
	}
	in := make([]events.Event, 200+c.rng.IntN(600))
	x, y := c.rng.IntN(34), c.rng.IntN(34)
	for i := range in {
		c.now += int64(c.rng.IntN(50))
		in[i] = events.Event{T: c.now, X: uint16((x + c.rng.IntN(9)) % 34), Y: uint16((y + c.rng.IntN(9)) % 34), P: events.Polarity(c.rng.IntN(2))}
	}
	h := bus.EventsHeader{Encoding: "mono", Geometry: geometry, TimeBase: c.encoder.TimeBase(in[0].T), Session: fmt.Sprint(c.session), Seq: c.seq, HasSeq: true}
	data, n, err := c.encoder.Encode(h.Message(), nil, in)
	require.NoError(c.t, err)
	require.Len(c.t, in, n)
	m := nats.NewMsg("soak." + c.name + ".events")
	require.NoError(c.t, h.Set(m.Header))
	m.Data = data
	c.seq++
	switch c.rng.IntN(20) {
	case 0: // it never arrives
		c.sent.never += n
		return
	case 1: // it ends in the middle of an event
		m.Data = data[:len(data)/2/8*8+3]
		c.sent.cut += n
	case 2: // a header that says nothing
		m.Header.Set(bus.HeaderSeq, "many")
		c.sent.unreadable += n
	case 3: // twice
		c.publish(ctx, m)
		c.sent.whole += n
		c.sent.twice += n
	default:
		c.sent.whole += n
	}
	c.publish(ctx, m)
}

// publish publishes until it is acknowledged: the server knows by the identifier what it has.
func (c *camera) publish(ctx context.Context, m *nats.Msg) {
	c.number++
	c.sent.messages++
	m.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("%s-%d", c.name, c.number))
	for {
		asking, cancel := context.WithTimeout(ctx, 2*time.Second)
		_, err := c.js.PublishMsg(asking, m)
		cancel()
		if err == nil {
			return
		}
		require.NoError(c.t, ctx.Err(), "publishing: %v", err)
	}
}
