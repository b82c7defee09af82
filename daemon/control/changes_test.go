package control_test

import (
	"bytes"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
)

// modelOf is a model of other features than the pipeline's, of a size.
func modelOf(t testing.TB, width, neurons int) []byte {
	t.Helper()
	m := &model.Model{Feast: pipelineOptions(t).Feast}
	m.Feast.Width, m.Feast.Height, m.Feast.Neurons, m.Feast.Seed = width, geometry.Height, neurons, 77
	m.Weights = feast.RandomWeights(m.Feast)
	b, err := m.MarshalBinary()
	require.NoError(t, err)
	return b
}

// Models come from an object store, are checked before they are put in, and what is refused
// changes nothing.
func TestLoad(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	n.start("", 0, n.pipelines())
	n.send(n.packet("cam", bus.EventsHeader{Session: "s", Seq: 0, HasSeq: true}, 1, 100))
	load := func(name string) control.LoadRequest { return control.LoadRequest{Sensor: "cam", Name: name} }
	n.refused("404", "no object store test-models", "load", load("m"))
	js, err := jetstream.New(n.nc)
	require.NoError(t, err)
	store, err := js.CreateObjectStore(t.Context(), jetstream.ObjectStoreConfig{Bucket: "test-models"})
	require.NoError(t, err)
	n.refused("404", "no object m in bucket test-models", "load", load("m"))
	good := modelOf(t, geometry.Width, 5)
	digest := map[string]string{}
	for name, data := range map[string][]byte{
		"good": good, "wide": modelOf(t, 99, 5), "more": modelOf(t, geometry.Width, 8), "torn": good[:len(good)-9], "empty": {},
		"noise": bytes.Repeat([]byte("x"), 1000),
	} {
		info, err := store.PutBytes(t.Context(), name, data)
		require.NoError(t, err)
		digest[name] = info.Digest
	}
	to, err := store.GetInfo(t.Context(), "good")
	require.NoError(t, err)
	_, err = store.AddLink(t.Context(), "link", to)
	require.NoError(t, err)

	before, err := n.ask(patience, "model", control.SensorRequest{Sensor: "cam"})
	require.NoError(t, err)
	n.refused("409", "99x10 pixels, and the sensor has 12x10", "load", load("wide"))
	n.refused("409", "16 features, and the sensor has 10; with reshape", "load", load("more"))
	n.refused("409", "object torn", "load", load("torn"))
	n.refused("409", "object empty", "load", load("empty"))
	n.refused("409", "object noise", "load", load("noise"))
	n.refused("409", "found a link", "load", load("link"))
	r := load("good")
	r.Digest = digest["more"]
	n.refused("409", "somebody else has stored another", "load", r)
	n.refused("404", "no such sensor", "load", control.LoadRequest{Sensor: "cam2", Name: "good"})
	still, err := n.ask(patience, "model", control.SensorRequest{Sensor: "cam"})
	require.NoError(t, err)
	require.Equal(t, before, still)

	off := false
	r.Digest, r.Learning = digest["good"], &off
	l := get[control.Loaded](n, "load", r)
	require.Equal(t, digest["good"], l.Model.Digest)
	require.Equal(t, 10, l.Model.Features)
	require.Equal(t, uint64(100), l.Events)
	require.Equal(t, uint64(0), *l.Seq)
	require.False(t, l.Learning)
	require.NotEqual(t, l.Model.Digest, l.Replaced.Digest)
	now, err := n.ask(patience, "model", control.SensorRequest{Sensor: "cam"})
	require.NoError(t, err)
	require.Equal(t, good, now)
	n.send(n.packet("cam", bus.EventsHeader{Session: "s", Seq: 1, HasSeq: true}, 2, 100))
	more := load("more")
	more.Reshape = true
	l = get[control.Loaded](n, "load", more)
	require.Equal(t, 16, l.Model.Features)
	require.Equal(t, digest["good"], l.Replaced.Digest)
	require.Equal(t, 2, int(1+*l.Seq))

	// What was changed behind the object's back is damage.
	info, err := store.GetInfo(t.Context(), "good")
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "OBJ_test-models")
	require.NoError(t, err)
	require.NoError(t, stream.Purge(t.Context(), jetstream.WithPurgeSubject("$O.test-models.C."+info.NUID)))
	_, err = js.Publish(t.Context(), "$O.test-models.C."+info.NUID, bytes.Repeat([]byte("y"), len(good)))
	require.NoError(t, err)
	n.refused("409", "it is damaged", "load", load("good"))
}

// Without JetStream there are no objects and no snapshots, and it is said.
func TestNothingIsStored(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	n.start("", 0, n.pipelines())
	n.send(n.packet("cam", bus.EventsHeader{}, 1, 100))
	n.refused("409", "no JetStream", "load", control.LoadRequest{Sensor: "cam", Name: "m"})
	n.refused("409", "no JetStream", "snapshot", control.SensorRequest{Sensor: "cam"})
	d := get[control.Drained](n, "drain", control.SensorRequest{Sensor: "cam"})
	require.False(t, d.Stored)
	require.Equal(t, uint64(100), d.Events)
	n.refused("409", "put away", "history", control.SensorRequest{Sensor: "cam"})
	require.True(t, get[control.Inspected](n, "sensor", control.SensorRequest{Sensor: "cam"}).Away)
	require.True(t, get[control.Sensors](n, "sensors", control.SensorsRequest{}).Sensors[0].Away)
}

// Learning rates change, of all layers or one, as they are asked for.
func TestAnneal(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	n.start("", 0, n.pipelines())
	half, rate, far := 0.5, 0.2, 5.0
	n.refused("404", "no such sensor", "anneal", control.AnnealRequest{Sensor: "cam", Factor: &half})
	n.send(n.packet("cam", bus.EventsHeader{}, 1, 100))
	n.refused("400", "expected factor", "anneal", control.AnnealRequest{Sensor: "cam"})
	n.refused("400", "layer: expected 1 to 1, found 2", "anneal", control.AnnealRequest{Sensor: "cam", Factor: &half, Layer: 2})
	n.refused("409", "eta", "anneal", control.AnnealRequest{Sensor: "cam", Eta: &far})
	n.refused("409", "anneal: factor", "anneal", control.AnnealRequest{Sensor: "cam", Schedule: &feast.Anneal{Every: 5, Factor: 1}})
	a := get[control.Annealed](n, "anneal", control.AnnealRequest{Sensor: "cam", Factor: &half})
	require.Equal(t, []control.Rates{{Layer: 1, Eta: 0.05, DeltaI: 0.01, DeltaE: 0.02}}, a.Before)
	require.Equal(t, []control.Rates{{Layer: 1, Eta: 0.025, DeltaI: 0.005, DeltaE: 0.01}}, a.Now)
	require.True(t, a.Learning)
	s := &feast.Anneal{Every: 1000, Factor: 0.5, Floor: 0.1}
	a = get[control.Annealed](n, "anneal", control.AnnealRequest{Sensor: "cam", Eta: &rate, Layer: 1, Schedule: s})
	require.Equal(t, []control.Rates{{Layer: 1, Eta: 0.2, DeltaI: 0.005, DeltaE: 0.01, Schedule: s}}, a.Now)
	n.send(n.packet("cam", bus.EventsHeader{}, 1, 100))
	a = get[control.Annealed](n, "anneal", control.AnnealRequest{Sensor: "cam", Schedule: &feast.Anneal{}})
	require.Nil(t, a.Now[0].Schedule)
	require.Equal(t, uint64(200), a.Events)
}

// What is asked of all daemons is answered by all.
func TestAskAll(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	_, err := control.AskAll(t.Context(), n.nc, "test.control.sensors", nil, 0)
	require.ErrorIs(t, err, control.ErrNobody)
	n.start("a", 0, n.pipelines())
	n.start("b", 0, n.pipelines())
	answers, err := control.AskAll(t.Context(), n.nc, "test.control.sensors", nil, 0)
	require.NoError(t, err)
	require.Len(t, answers, 2)
	answers, err = control.AskAll(t.Context(), n.nc, "test.control.sensors", map[string]int{"limit": -1}, 2)
	require.NoError(t, err)
	require.Len(t, answers, 2)
	require.ErrorContains(t, answers[0].Err, "limit: expected 0 or more")
	_, err = n.nc.Subscribe("long", func(m *nats.Msg) {
		answer := nats.NewMsg(m.Reply)
		answer.Header.Set("Nats-Service-Error-Code", "409")
		answer.Header.Set("Nats-Service-Error", "many")
		answer.Data = []byte("line 1\nline 2")
		if err := m.RespondMsg(answer); err != nil {
			t.Error(err)
		}
	})
	require.NoError(t, err)
	answers, err = control.AskAll(t.Context(), n.nc, "long", nil, 1)
	require.NoError(t, err)
	require.EqualError(t, answers[0].Err, "line 1\nline 2")
}
