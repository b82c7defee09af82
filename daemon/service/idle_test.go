package service_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// A sensor that sends nothing is put away with its state, and is there again with its next message as if nothing had
// been.
func TestIdleSensorIsPutAway(t *testing.T) {
	store := &memory{}
	o := serviceOptions(t)
	o.Store, o.Idle, o.StatusEvery = store, 20*time.Millisecond, time.Hour // the status of one that ends is published
	d := start(t, o, bus.ServerOptions{})
	in := stream(t, "a", 1, 60)
	features, labels, status := d.listen("test.a.features"), d.listen("test.a.labels"), d.listen("test.a.status")
	for part := range 3 {
		for _, m := range in[20*part : 20*part+20] {
			require.Contains(t, []bus.Outcome{bus.OutcomeProcessed}, d.request(m))
		}
		var last bus.Status
		require.NoError(t, json.Unmarshal(next(t, status).Data, &last))
		for last.Messages < int64(20*part+20) { // it was put away between two messages of a slow machine
			require.NoError(t, json.Unmarshal(next(t, status).Data, &last))
		}
		s, err := d.service.Sensor("a")
		for err != nil || !s.Away { // it ends behind the status
			require.NoError(t, testContext(t).Err())
			s, err = d.service.Sensor("a")
		}
		require.Equal(t, last.Events, s.Status.Events)
		require.NotEmpty(t, store.all()["a"])
	}
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	requireResults(t, expect(t, p, "a", in), received(features), received(labels))
}
