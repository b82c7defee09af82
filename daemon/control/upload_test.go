package control_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nats.go/micro"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// uploadTo is the endpoint of the one daemon that there is.
func (n *network) uploadTo() string {
	n.t.Helper()
	return "upload." + get[control.Sensors](n, "sensors", control.SensorsRequest{}).Instance
}

// part is a part of an upload of a whole.
func part(id, name string, whole []byte, offset, length int) control.UploadRequest {
	sum := sha256.Sum256(whole)
	return control.UploadRequest{
		Upload: id, Name: name, Size: int64(len(whole)), Digest: "SHA-256=" + base64.URLEncoding.EncodeToString(sum[:]),
		Offset: int64(offset), Data: whole[offset : offset+length],
	}
}

// objects are the names and digests of what is in the object store of models.
func (n *network) objects() map[string]string {
	n.t.Helper()
	js, err := jetstream.New(n.nc)
	require.NoError(n.t, err)
	store, err := js.ObjectStore(n.t.Context(), "test-models")
	require.NoError(n.t, err)
	list, err := store.List(n.t.Context())
	if errors.Is(err, jetstream.ErrNoObjectsFound) {
		return map[string]string{}
	}
	require.NoError(n.t, err)
	out := map[string]string{}
	for _, o := range list {
		data, err := store.GetBytes(n.t.Context(), o.Name) // which checks the digest
		require.NoError(n.t, err)
		require.Len(n.t, data, int(o.Size))
		out[o.Name] = o.Digest
	}
	return out
}

// A model goes up in parts, is checked, and is there under its name when the last part is answered, for a sensor to be
// loaded. What is refused is not there, and changes nothing.
func TestUpload(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	n.start("", 0, n.pipelines())
	n.send(n.packet("cam", bus.EventsHeader{}, 1, 100))
	to, good, other := n.uploadTo(), modelOf(t, geometry.Width, 5), modelOf(t, geometry.Width, 8)
	first := part("a", "m", good, 0, 400)
	u := get[control.Uploaded](n, to, first)
	require.Equal(t, control.Uploaded{Upload: "a", Received: 400, Size: int64(len(good)), Bucket: "test-models", Name: "m", Digest: first.Digest}, u)
	require.Equal(t, u, get[control.Uploaded](n, to, first), "the answer was lost")
	n.refused("409", "expected offset 400, found 500", to, part("a", "m", good, 500, 100))
	n.refused("409", "as its first part had them", to, part("a", "n", good, 400, 100))
	n.refused("404", "upload b: expected offset 0, found 400", to, part("b", "m", good, 400, 100))
	require.EqualValues(t, 600, get[control.Uploaded](n, to, part("a", "m", good, 400, 200)).Received)
	require.Empty(t, n.objects())
	last := part("a", "m", good, 600, len(good)-600)
	u = get[control.Uploaded](n, to, last)
	require.True(t, u.Stored)
	require.Equal(t, u.Size, u.Received)
	require.Equal(t, map[string]string{"m": first.Digest}, n.objects())
	require.Equal(t, u, get[control.Uploaded](n, to, last), "the answer was lost")
	l := get[control.Loaded](n, "load", control.LoadRequest{Sensor: "cam", Name: "m", Digest: u.Digest})
	require.Equal(t, u.Digest, l.Model.Digest)

	// The same file once more is there already, another one under its name is not put there by chance.
	require.True(t, get[control.Uploaded](n, to, part("c", "m", good, 0, 10)).Stored)
	n.refused("409", "object m of bucket test-models is there already, and another one: \""+u.Digest, to, part("d", "m", other, 0, len(other)))
	require.Equal(t, map[string]string{"m": first.Digest}, n.objects())
	replace := part("d", "m", other, 0, len(other))
	replace.Replace = true
	u = get[control.Uploaded](n, to, replace)
	require.True(t, u.Stored)
	require.Equal(t, map[string]string{"m": replace.Digest}, n.objects())
	js, err := jetstream.New(n.nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "OBJ_test-models")
	require.NoError(t, err)
	info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter("$O.test-models.C.>"))
	require.NoError(t, err)
	require.Len(t, info.State.Subjects, 1, "nothing is left of the one before")
	require.EqualValues(t, control.MaxModels, info.Config.MaxBytes)

	// What names an object and cannot be read, or is a link, is something else, too.
	store, err := js.ObjectStore(t.Context(), "test-models")
	require.NoError(t, err)
	object, err := store.GetInfo(t.Context(), "m")
	require.NoError(t, err)
	_, err = store.AddLink(t.Context(), "link", object)
	require.NoError(t, err)
	n.refused("409", "object link of bucket test-models is there already", to, part("e", "link", good, 0, 10))
	// One that was deleted is not there.
	require.NoError(t, store.Delete(t.Context(), "m"))
	require.NoError(t, store.Delete(t.Context(), "link"))
	require.True(t, get[control.Uploaded](n, to, part("f", "m", good, 0, len(good))).Stored)

	// All of it is looked at before any of it is stored.
	damaged := part("g", "damaged", good, 0, len(good))
	damaged.Data = append([]byte{}, good...)
	damaged.Data[len(good)/2] ^= 1
	n.refused("409", "damaged: expected digest SHA-256=", to, damaged)
	n.refused("409", "noise: ", to, part("h", "noise", []byte(strings.Repeat("x", 1000)), 0, 1000))
	n.refused("409", "torn: ", to, part("i", "torn", good[:len(good)-9], 0, len(good)-9))
	require.Equal(t, map[string]string{"m": first.Digest}, n.objects())
	n.refused("404", "upload g: expected offset 0", to, part("g", "damaged", good, 400, 100))
	n.refused("400", "name: expected", to, part("j", "", good, 0, 100))
	n.refused("400", "upload: expected", to, part("j.k", "m", good, 0, 100))
}

// Where there is no JetStream nothing is taken, not even the first part.
func TestUploadWithoutJetStream(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	n.start("", 0, n.pipelines())
	to, good := n.uploadTo(), modelOf(t, geometry.Width, 5)
	n.refused("409", "the server has no JetStream, and so no objects", to, part("a", "m", good, 0, 100))
	n.refused("409", "the server has no JetStream, and so no objects", to, part("a", "m", good, 100, 100))
}

// No more are open than there may be, and each that ends makes room.
func TestUploadsAtATime(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	n.start("", 0, n.pipelines())
	to, good := n.uploadTo(), modelOf(t, geometry.Width, 5)
	for _, id := range []string{"a", "b", "c", "d"} {
		require.False(t, get[control.Uploaded](n, to, part(id, id, good, 0, 100)).Stored)
	}
	n.refused("503", "4 models are being uploaded already: ask again", to, part("e", "e", good, 0, 100))
	require.True(t, get[control.Uploaded](n, to, part("a", "a", good, 100, len(good)-100)).Stored)
	require.False(t, get[control.Uploaded](n, to, part("e", "e", good, 0, 100)).Stored)
}

// A bucket that is full takes no more, and says so before anything is sent.
func TestUploadIntoAFullBucket(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	n.start("", 0, n.pipelines())
	to, good, other := n.uploadTo(), modelOf(t, geometry.Width, 5), modelOf(t, geometry.Width, 8)
	js, err := jetstream.New(n.nc)
	require.NoError(t, err)
	_, err = js.CreateObjectStore(t.Context(), jetstream.ObjectStoreConfig{Bucket: "test-models", MaxBytes: 10_000})
	require.NoError(t, err)
	require.True(t, get[control.Uploaded](n, to, part("a", "a", good, 0, len(good))).Stored)
	for _, r := range []control.UploadRequest{part("b", "b", make([]byte, 9000), 0, 100), part("c", "c", make([]byte, control.MaxModel), 0, 100)} {
		n.refused("507", "object store test-models is full: ", to, r)
		n.refused("404", "expected offset 0", to, part(r.Upload, r.Name, make([]byte, r.Size), 100, 100))
	}
	replace := part("d", "a", other, 0, len(other))
	replace.Replace = true
	require.True(t, get[control.Uploaded](n, to, replace).Stored)
}

// Of several daemons one has all parts, and the others see none of them.
func TestUploadGoesToOneDaemon(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir(), MaxPayload: 4 << 10})
	n.start("a", 0, n.pipelines())
	n.start("b", 0, n.pipelines())
	answers, err := control.AskAll(t.Context(), n.nc, "test.control.sensors", nil, 2)
	require.NoError(t, err)
	var one control.Sensors
	require.NoError(t, json.Unmarshal(answers[1].Data, &one))
	instance := one.Instance
	model := modelOf(t, geometry.Width, 500)
	var told []int64
	s := control.Sending{Prefix: "test", Instance: instance, Name: "m", Data: model, Each: func(received, size int64) {
		require.EqualValues(t, len(model), size)
		told = append(told, received)
	}}
	u, err := s.Send(t.Context(), n.nc)
	require.NoError(t, err)
	require.True(t, u.Stored)
	require.Equal(t, map[string]string{"m": u.Digest}, n.objects())
	require.Greater(t, len(told), len(model)/(4<<10), "%d bytes", len(model))
	require.IsIncreasing(t, told)
	require.EqualValues(t, len(model), told[len(told)-1])
	answers, err = control.AskAll(t.Context(), n.nc, "$SRV.STATS.saccade", nil, 2)
	require.NoError(t, err)
	for _, a := range answers {
		var stats micro.Stats
		require.NoError(t, json.Unmarshal(a.Data, &stats))
		for _, e := range stats.Endpoints {
			if e.Name == "upload" && stats.ID != instance {
				require.Zero(t, e.NumRequests)
			}
		}
	}
	// And a daemon that is not there, or no name, is no daemon.
	s.Instance = "gone"
	_, err = s.Send(t.Context(), n.nc)
	require.ErrorIs(t, err, control.ErrNobody)
	s.Instance = "*"
	_, err = s.Send(t.Context(), n.nc)
	require.ErrorContains(t, err, "id of the daemon")
}

// An answer that is lost costs its time and nothing else, whichever it is, also that to the last part.
func TestUploadWhoseAnswersAreLost(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir(), MaxPayload: 4 << 10})
	n.start("", 0, n.pipelines())
	to, model := n.uploadTo(), modelOf(t, geometry.Width, 150)
	lost, parts := map[string]bool{}, 0
	_, err := n.nc.Subscribe("test.control.upload.far", func(m *nats.Msg) {
		answer, err := n.nc.Request("test.control."+to, m.Data, patience)
		if err != nil {
			t.Error(err)
			return
		}
		if parts++; !lost[string(m.Data)] {
			lost[string(m.Data)] = true
			return
		}
		answer.Subject = m.Reply
		if err := n.nc.PublishMsg(answer); err != nil {
			t.Error(err)
		}
	})
	require.NoError(t, err)
	other := n.connect()
	s := control.Sending{Prefix: "test", Instance: "far", Name: "m", Data: model, Patience: 250 * time.Millisecond}
	u, err := s.Send(t.Context(), other)
	require.NoError(t, err)
	require.True(t, u.Stored)
	require.Equal(t, map[string]string{"m": u.Digest}, n.objects())
	require.GreaterOrEqual(t, parts, 6, "%d bytes", len(model))

	// One that answers never is given up.
	_, err = n.nc.Subscribe("test.control.upload.deaf", func(*nats.Msg) {})
	require.NoError(t, err)
	require.NoError(t, n.nc.Flush())
	s.Instance, s.Patience = "deaf", time.Millisecond
	_, err = s.Send(t.Context(), other)
	require.ErrorIs(t, err, control.ErrNobody)
	// One that says that it has what it cannot have is not believed.
	for _, evil := range []string{`{"received":1000000}`, `{"received":0}`, `{"received":-1}`, `{"stored":true,"digest":"x"}`, `{}`, `[]`} {
		sub, err := n.nc.Subscribe("test.control.upload.evil", func(m *nats.Msg) {
			if err := m.Respond([]byte(evil)); err != nil {
				t.Error(err)
			}
		})
		require.NoError(t, err)
		require.NoError(t, n.nc.Flush())
		s.Instance, s.Patience = "evil", patience
		_, err = s.Send(t.Context(), other)
		require.Error(t, err)
		require.NoError(t, sub.Unsubscribe())
	}
}

// A daemon that stops gives up a model whose turn to be stored has not come, and says so.
func TestStopBeforeTheModelIsStored(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	gates := map[string]func(string) (*pipeline.Pipeline, error){}
	var let []chan struct{}
	var reached []chan struct{}
	for _, sensor := range []string{"g1", "g2"} {
		made, at, open := gate(t)
		gates[sensor], let, reached = made, append(let, open), append(reached, at)
	}
	stop := n.start("", patience, func(name string) (*pipeline.Pipeline, error) { return gates[name](name) })
	to, good := n.uploadTo(), modelOf(t, geometry.Width, 5)
	require.True(t, get[control.Uploaded](n, to, part("a", "m", good, 0, len(good))).Stored)
	for i, sensor := range []string{"g1", "g2"} { // two models are in memory, and their sensors are busy
		require.NoError(t, n.nc.PublishMsg(n.packet(sensor, bus.EventsHeader{End: true}, 1, 10)))
		<-reached[i]
		require.NoError(t, n.nc.PublishRequest("test.control.load", "_loads", []byte(`{"sensor":"`+sensor+`","name":"m"}`)))
	}
	require.Eventually(t, func() bool { // they are in the sensors' queues
		all := get[control.Sensors](n, "sensors", control.SensorsRequest{}).Sensors
		return all[0].QueueDepth > 0 && all[1].QueueDepth > 0
	}, patience, time.Millisecond)
	refused := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() {
		r := part("b", "n", good, 0, len(good))
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_, err := control.Ask(ctx, n.nc, "test", to, r)
		refused <- err
	})
	require.Eventually(t, func() bool { // it has been taken
		answer, err := n.nc.Request("$SRV.STATS.saccade", nil, patience)
		require.NoError(t, err)
		var stats micro.Stats
		require.NoError(t, json.Unmarshal(answer.Data, &stats))
		for _, e := range stats.Endpoints {
			if e.Name == "upload" {
				return e.NumRequests == 2
			}
		}
		return false
	}, patience, time.Millisecond)
	running.Go(stop)
	no, ok := errors.AsType[*control.Error](<-refused)
	require.True(t, ok)
	require.Equal(t, "503", no.Code)
	require.Equal(t, "the daemon is stopping", no.Description)
	close(let[0])
	close(let[1])
	running.Wait()
	require.NotContains(t, n.objects(), "n")
}
