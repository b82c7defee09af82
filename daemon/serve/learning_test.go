package serve_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/stack"
)

// logText is a log that is read while the last words of a connection may still be added.
type logText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// look runs a daemon for a message, and has somebody look at its pipeline. It gives the
// daemon's log.
func look(t testing.TB, c config.Config, at func(p *pipeline.Pipeline)) string {
	t.Helper()
	var text logText
	d, stop := runWithLog(t, c, serve.Hooks{}, slog.NewTextHandler(&text, nil))
	require.Equal(t, bus.OutcomeProcessed, request(t, connect(t, d), message(t, bus.EventsHeader{}, events.Event{X: 9, Y: 9})))
	require.NoError(t, d.Service.Do(t.Context(), "a", func(p *pipeline.Pipeline) error {
		at(p)
		return nil
	}))
	require.NoError(t, stop())
	return text.String()
}

// Nothing moves away under a readout, unless that is asked for; and then it is said,
// once, what becomes of labels.
func TestLearningBesideAReadout(t *testing.T) {
	const warning = "labels get worse while features learn on"
	c := testConfig(t, "")
	m, err := model.Load(c.Pipeline.Model)
	require.NoError(t, err)
	m.Readout = nil
	alone := c.Pipeline.Model + ".alone"
	require.NoError(t, m.Save(alone))
	for name, test := range map[string]struct {
		model           string
		learning        config.Switch
		learns, warning bool
	}{
		"readout, nothing said":    {c.Pipeline.Model, config.Auto, false, false},
		"readout, asked for":       {c.Pipeline.Model, config.On, true, true},
		"readout, frozen":          {c.Pipeline.Model, config.Off, false, false},
		"features, nothing said":   {alone, config.Auto, true, false},
		"features, frozen":         {alone, config.Off, false, false},
		"no model, nothing said":   {"", config.Auto, true, false},
		"no model, and it is said": {"", config.On, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			c.NATS.Embedded.DataDir = t.TempDir()
			c.Pipeline.Model, c.Pipeline.FEAST.Learning = test.model, test.learning
			c.Pipeline.Geometry = config.Geometry{Width: 34, Height: 34}
			var learns bool
			log := look(t, c, func(p *pipeline.Pipeline) { learns = p.Learning() })
			require.Equal(t, test.learns, learns)
			times := 0
			if test.warning {
				times = 1
			}
			require.Equal(t, times, strings.Count(log, warning), log)
		})
	}
}

// A model infers as it was made to, and otherwise where the configuration says so.
func TestInferenceOfAModel(t *testing.T) {
	c := testConfig(t, "")
	m, err := model.Load(c.Pipeline.Model)
	require.NoError(t, err)
	m.Readout = nil // it would be of the first layer
	behind := m.Feast
	behind.Radius, behind.Neurons = 1, 4
	layers, err := stack.Complete(stack.Of(m.Feast, stack.Config{Feast: behind, Pool: 2}))
	require.NoError(t, err)
	m.Upper = []model.Upper{{Config: layers[1], Weights: feast.RandomWeights(layers[1].Feast)}}
	for name, test := range map[string]struct {
		made feast.Inference
		says string
		want feast.Inference
	}{
		"thresholds, nothing said":   {feast.Thresholds, config.InferAuto, feast.Thresholds},
		"thresholds, now nearest":    {feast.Thresholds, config.InferNearest, ""},
		"thresholds, and it is said": {feast.Thresholds, config.InferThresholds, feast.Thresholds},
		"nearest, nothing said":      {"", config.InferAuto, ""},
		"nearest, now thresholds":    {"", config.InferThresholds, feast.Thresholds},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			c.NATS.Embedded.DataDir = t.TempDir()
			c.Pipeline.Model += ".made"
			c.Pipeline.FEAST.Inference = test.says
			m.Feast.Inference, m.Upper[0].Feast.Inference = test.made, test.made
			require.NoError(t, m.Save(c.Pipeline.Model))
			var now *model.Model
			look(t, c, func(p *pipeline.Pipeline) { now, err = p.Model() })
			require.NoError(t, err)
			for _, l := range now.Layers() {
				require.Equal(t, test.want, l.Feast.Inference)
			}
		})
	}
}

// What somebody let learn beside a readout goes on with it in the next run, as nothing
// else is asked for then.
func TestLearningBesideAReadoutIsKept(t *testing.T) {
	c := testConfig(t, t.TempDir())
	c.Pipeline.FEAST.Learning = config.Auto
	d, stop := run(t, c, serve.Hooks{})
	require.Equal(t, bus.OutcomeProcessed, request(t, connect(t, d), message(t, bus.EventsHeader{}, events.Event{X: 9, Y: 9})))
	require.True(t, switchLearning(t, d, c.NATS.Prefix, true).Changed)
	require.NoError(t, stop())
	look(t, c, func(p *pipeline.Pipeline) { require.True(t, p.Learning()) })
	c.Pipeline.FEAST.Learning = config.On
	look(t, c, func(p *pipeline.Pipeline) { require.True(t, p.Learning()) })
	c.Pipeline.FEAST.Learning = config.Auto
	look(t, c, func(p *pipeline.Pipeline) { require.False(t, p.Learning(), "other than was asked for before") })
}
