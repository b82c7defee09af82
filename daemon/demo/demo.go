package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/daemon/survey"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// Options say what to demonstrate.
type Options struct {
	// Data is a folder with recordings in Train/<label> and Test/<label>; empty to
	// simulate Train and Test recordings of digits from Source.
	Data        string
	Train, Test int // with Data, at most so many; 0 for all
	Source      saccades.Source
	Geometry    events.Geometry // of the recordings
	Seed        uint64
	Device      string
	Method      readout.Method
	Log         *slog.Logger
	// Stage begins a stage of the story; nil where nobody wants to know.
	Stage func(name string) Stage
}

// Stage is told how far a part of the story has come.
type Stage interface {
	// Set tells how many recordings are done, and of how many.
	Set(done, total int)
	// Share tells which share is done, 0 to 1, where there is nothing to count.
	Share(done float64)
	// End ends the stage, whether it came to its end or not.
	End()
}

// silent is the stage that nobody looks at.
type silent struct{}

func (silent) Set(int, int)  {}
func (silent) Share(float64) {}
func (silent) End()          {}

// sensorName is the name that the demo's camera goes by.
const sensorName = "demo"

// Messages are shorter and fewer are under way than the daemon would allow: a
// demo shows a latency, and what waits in a queue is all latency.
const (
	packetEvents = 512
	window       = 3
)

// Run runs the demo. What it needs of the disk while it runs is a folder of its
// own among the temporary ones, which it removes.
func Run(ctx context.Context, o Options) (r *Result, err error) {
	started := time.Now()
	if o.Stage == nil {
		o.Stage = func(string) Stage { return silent{} }
	}
	tmp, err := os.MkdirTemp("", "saccade-demo-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	train, test, err := o.recordings(ctx, filepath.Join(tmp, "recordings"))
	if err != nil {
		return nil, err
	}

	s := &story{options: o, train: train, test: test, started: started}
	c := config.Default()
	c.NATS.Embedded.Port = 0 // nobody but this process has business here
	c.NATS.Embedded.DataDir = filepath.Join(tmp, "nats")
	c.Pipeline.Device = o.Device
	c.Pipeline.FEAST.Seed = o.Seed
	c.Pipeline.Geometry = config.Geometry{Width: o.Geometry.Width, Height: o.Geometry.Height}
	c.Pipeline.Outputs.StatusEvery = 0
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s.config = c
	daemon, err := serve.Start(ctx, c, o.Log, serve.Hooks{OnRecording: s.sample})
	if err != nil {
		return nil, err
	}
	// The daemon is stopped when the story is over, and not with ctx: whoever
	// replays waits for the answers to what he has sent.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var failed error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		failed = daemon.Run(serving)
	}()
	defer func() {
		stop()
		<-ended
		err = errors.Join(err, failed)
	}()
	select {
	case <-daemon.Service.Ready():
		return s.tell(ctx, daemon)
	case <-ended:
		return nil, errors.New("the daemon ended before it began")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// story is a demo that is being told.
type story struct {
	options     Options
	config      config.Config
	train, test []replay.Source
	started     time.Time
	samples     []survey.Moment   // of the layer, at the end of each recording that it learned from
	findings    []monitor.Finding // of the layer's monitor, as seen at those ends
	learning    bool
}

// tell tells it: learn, train, recognise.
func (s *story) tell(ctx context.Context, d *serve.Daemon) (*Result, error) {
	nc, err := d.Connect(ctx, "saccade demo")
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	prefix, err := bus.NewSubjects(s.config.NATS.Prefix)
	if err != nil {
		return nil, err
	}
	subjects, err := prefix.Sensor(sensorName)
	if err != nil {
		return nil, err
	}
	pooling := pool.Config{
		CellWidth: s.config.Pipeline.Pool.Cell, CellHeight: s.config.Pipeline.Pool.Cell,
		Spread: pool.Spread(s.config.Pipeline.Pool.Spread), Geometry: s.options.Geometry,
	}
	client := &client{nc: nc, subjects: subjects, geometry: s.options.Geometry, pooling: pooling}

	s.learning = true
	learned, err := s.pass(ctx, client, "learning features", s.train, wants{})
	if err != nil {
		return nil, err
	}
	s.learning = false
	var m *model.Model
	var intervals []monitor.Interval
	err = d.Service.Do(ctx, sensorName, func(p *pipeline.Pipeline) (err error) {
		p.SetLearning(false)
		intervals = p.Monitor().Series().Whole()
		m, err = p.Model()
		return err
	})
	if err != nil {
		return nil, err
	}
	client.features = m.Feast.Features()
	pooled, err := s.pass(ctx, client, "pooling features", s.train, wants{vectors: true, raw: true, activity: len(survey.Labels(s.train, truth))})
	if err != nil {
		return nil, err
	}

	r := &Result{story: s, model: m, intervals: intervals, learned: learned, pooled: pooled}
	raw, err := s.readouts(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("training readouts: %w", err)
	}
	m.Pool = client.featurePool()
	err = d.Service.Do(ctx, sensorName, func(p *pipeline.Pipeline) error { return p.SetModel(m) })
	if err != nil {
		return nil, err
	}

	if r.tested, err = s.pass(ctx, client, "recognising", s.test, wants{labels: true, raw: true, rasters: recordingsOf(s.firsts(rastered))}); err != nil {
		return nil, err
	}
	return r, errors.Join(r.judge(raw), r.picture(ctx))
}

// readouts trains one readout on the pooled features, which becomes the model's,
// and one on the raw counts.
func (s *story) readouts(ctx context.Context, r *Result) (raw *readout.Model, err error) {
	stage := s.options.Stage("training readouts")
	defer stage.End()
	o := readout.Options{Method: s.options.Method, Seed: s.options.Seed}
	o.Progress = func(done, total int) { stage.Share(float64(done) / float64(2*total)) }
	if r.model.Readout, r.report, err = readout.Train(ctx, r.pooled.vectors, o); err != nil {
		return nil, fmt.Errorf("learned features: %w", err)
	}
	o.Progress = func(done, total int) { stage.Share(float64(total+done) / float64(2*total)) }
	if raw, r.rawReport, err = readout.Train(ctx, r.pooled.raw, o); err != nil {
		return nil, fmt.Errorf("raw event counts: %w", err)
	}
	return raw, nil
}

// pass replays recordings and collects what comes back.
func (s *story) pass(ctx context.Context, c *client, name string, sources []replay.Source, w wants) (*passed, error) {
	stage := s.options.Stage(name)
	defer stage.End()
	done := 0
	stage.Set(done, len(sources))
	start := time.Now()
	p, err := c.replay(ctx, sources, w, func() { done++; stage.Set(done, len(sources)) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.seconds = time.Since(start).Seconds()
	return p, nil
}
