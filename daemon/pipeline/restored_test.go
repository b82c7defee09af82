package pipeline_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
)

// journal is all that can be seen of a pipeline from outside while it handles a message.
type journal struct{ strings.Builder }

func (j *journal) Features(in []events.Event, winners []int16, last bool) error {
	fmt.Fprintf(&j.Builder, "features %v %v %v\n", in, winners, last)
	return nil
}

func (j *journal) Label(l pipeline.Label) error {
	fmt.Fprintf(&j.Builder, "label %+v %x\n", l, l.Confidence)
	return nil
}

func (j *journal) Reject(r pipeline.Reject) error {
	fmt.Fprintf(&j.Builder, "reject %v (%d)\n", r.Err, r.Count)
	return nil
}

// watchedPipeline is a pipeline of which all that can be seen is written down.
type watchedPipeline struct {
	*pipeline.Pipeline
	ends *strings.Builder // of recordings
}

func watch(t testing.TB, o pipeline.Options, workers int) watchedPipeline {
	t.Helper()
	w := watchedPipeline{ends: new(strings.Builder)}
	o.Workers = workers
	o.OnRecording = func(p *pipeline.Pipeline, e pipeline.RecordingEnd) {
		label := "none"
		if e.Label != nil {
			label = fmt.Sprintf("%+v", *e.Label)
		}
		fmt.Fprintf(w.ends, "end of %q (%q): %d events, label %s, %+v\n", e.Recording, e.Truth, e.Events, label, p.Counters())
	}
	w.Pipeline = newPipeline(t, o)
	return w
}

// handle tells what came of a message, and what is published beside the results.
func (w watchedPipeline) handle(t testing.TB, m *pipeline.Input) string {
	t.Helper()
	w.ends.Reset()
	j := new(journal)
	outcome, err := w.Handle(m, j)
	require.NoError(t, err)
	fmt.Fprintf(&j.Builder, "outcome %d, %+v, recording %q, latest %d, learning %v\n%s", outcome, w.Counters(), w.Recording(), w.Latest(), w.Learning(), w.ends)
	if layers := w.Stack(); layers != nil {
		for i := range layers.Len() {
			fmt.Fprintf(&j.Builder, "layer %d: %+v, learning %v, monitor %+v\n", i, layers.Layer(i).Counters(), layers.Layer(i).Learning(), w.MonitorOf(i).Last())
		}
		device, failure := w.Device()
		fmt.Fprintf(&j.Builder, "device %s %v\n", device, failure)
	}
	if n := w.Network(); n != nil {
		fmt.Fprintf(&j.Builder, "network %+v, recent %+v, all %+v, pending %d\n", n.Counters(), n.Recent(), n.All(), n.Pending())
	}
	return j.String()
}

// restoredModels are models of every kind that a pipeline can have.
func restoredModels(t testing.TB) []*model.Model {
	t.Helper()
	models := []*model.Model{newModel(t, 1), newStacked(t), newModelOf(t, 3, nil, readout.Ridge)}
	for i, name := range slices.Sorted(maps.Keys(descriptors)) {
		models = append(models, newModelOf(t, uint64(i), descriptors[name], readout.Methods()[i%len(readout.Methods())]))
		models = append(models, newCounted(t, descriptors[name]))
	}
	for _, n := range slices.Sorted(maps.Keys(networks(t))) {
		models = append(models, networks(t)[n])
	}
	return models
}

// A daemon that is killed at any moment, and goes on from its last state with the messages
// behind it, gives what one gives that never stopped: results, labels, rejects, counters,
// monitors and states, byte for byte. So it is whatever the pipeline is made of, whatever
// is asked of it meanwhile, and whatever its sensor and its sender do.
func TestRestoredIsTheSame(t *testing.T) {
	models := restoredModels(t)
	seen := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0x2e5))
		o := anyOptions(t, models, rng)
		stream := anyStream(t, models, rng)
		whole, parts := watch(t, o, 1), watch(t, o, 1)
		told := make([]string, len(stream))
		taken, state := 0, marshal(t, parts.Pipeline) // behind so many messages
		for i := range stream {
			stream[i].ask(t, whole.Pipeline)
			told[i] = whole.handle(t, stream[i].message)
			seen[kindOf(told[i])]++

			from := i
			switch rng.IntN(6) {
			case 0: // it stops here, with its state
				taken, state = i, marshal(t, parts.Pipeline)
				fallthrough
			case 1: // it is killed here
				if from = taken; i-from > 12 {
					from = i // long ago: not worth a test's time
					break
				}
				parts = watch(t, o, rng.IntN(3))
				require.NoError(t, parts.UnmarshalBinary(state))
				if got := marshal(t, parts.Pipeline); !bytes.Equal(state, got) {
					require.Equal(t, state, got, "a state that is put back is given again")
				}
			case 2:
				taken, state = i, marshal(t, parts.Pipeline)
			}
			for k := from; k <= i; k++ {
				stream[k].ask(t, parts.Pipeline)
				if got := parts.handle(t, stream[k].message); got != told[k] {
					require.Equal(t, told[k], got, "message %d of %d, restored behind %d: %s", k, len(stream), taken, stream[k].message.Encoding)
				}
			}
			if i%4 > 0 && i < len(stream)-1 {
				continue
			}
			if want, got := marshal(t, whole.Pipeline), marshal(t, parts.Pipeline); !bytes.Equal(want, got) {
				require.Equal(t, want, got, "message %d: the states differ", i)
			}
		}
	})
	for _, kind := range []string{"outcome 0", "outcome 1", "outcome 2", "outcome 3"} {
		require.Positive(t, seen[kind], "%v", seen)
	}
}

// kindOf is the outcome that a journal tells of.
func kindOf(told string) string {
	at := strings.Index(told, "outcome ")
	return told[at : at+len("outcome 0")]
}
