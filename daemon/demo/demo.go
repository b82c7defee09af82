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
	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/model"
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
	// Stage is told what is going on, with the number of steps that it has and a
	// function to call at each.
	Stage func(name string, steps int) (step, done func())
}

// sensorName is the name that the demo's camera goes by.
const sensorName = "demo"

// Messages are shorter and fewer are under way than the daemon would allow: a
// demo shows a latency, and what waits in a queue is all latency.
const (
	packetEvents = 512
	window       = 3
)

// Run runs the demo.
func Run(ctx context.Context, o Options) (r *Result, err error) {
	tmp, err := os.MkdirTemp("", "saccade-demo-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	if o.Data == "" {
		o.Data = filepath.Join(tmp, "recordings")
		step, done := o.Stage("simulating recordings", o.Train+o.Test)
		_, err := simulate.Write(ctx, simulate.Options{
			Dir: o.Data, Train: o.Train, Test: o.Test, Seed: o.Seed,
			Source: o.Source, Config: saccades.DefaultConfig(), Done: step,
		})
		done()
		if err != nil {
			return nil, err
		}
	}
	train, test, err := halves(o)
	if err != nil {
		return nil, err
	}

	s := &story{options: o, train: train, test: test}
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
	serving, stop := context.WithCancel(ctx)
	var failed error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		failed = daemon.Run(serving)
	}()
	defer func() {
		stop()
		<-ended
		if ctx.Err() == nil {
			err = errors.Join(err, failed)
		}
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

// halves lists the recordings of both halves.
func halves(o Options) (train, test []replay.Source, err error) {
	for _, half := range []struct {
		name string
		most int
		into *[]replay.Source
	}{{"Train", o.Train, &train}, {"Test", o.Test, &test}} {
		sources, err := replay.Sources([]string{filepath.Join(o.Data, half.name)})
		if err != nil {
			return nil, nil, fmt.Errorf("expected recordings in %s: %w", filepath.Join(o.Data, "Train and Test"), err)
		}
		for i := range sources {
			if sources[i].Truth == "" {
				return nil, nil, fmt.Errorf("%s: expected it in a folder that is its label, as in N-MNIST", sources[i].Path)
			}
			sources[i].Recording = half.name + "/" + sources[i].Recording
		}
		// Not one label after the other; and with a limit, some of each.
		replay.Shuffle(sources, o.Seed)
		if half.most > 0 && len(sources) > half.most {
			sources = sources[:half.most]
		}
		*half.into = sources
	}
	return train, test, nil
}

// story is a demo that is being told.
type story struct {
	options     Options
	config      config.Config
	train, test []replay.Source
	samples     []sample // of the layer, at the end of each recording that it learned from
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
	err = d.Service.Do(ctx, sensorName, func(p *pipeline.Pipeline) (err error) {
		p.SetLearning(false)
		m, err = p.Model()
		return err
	})
	if err != nil {
		return nil, err
	}
	client.features = m.Feast.Features()
	pooled, err := s.pass(ctx, client, "pooling features", s.train, wants{vectors: true, raw: true})
	if err != nil {
		return nil, err
	}

	_, done := s.options.Stage("training readouts", 0)
	r := &Result{story: s, model: m, learned: learned, pooled: pooled}
	ro := readout.Options{Method: s.options.Method, Seed: s.options.Seed}
	var raw *readout.Model
	if m.Readout, r.report, err = readout.Train(ctx, pooled.vectors, ro); err == nil {
		raw, r.rawReport, err = readout.Train(ctx, pooled.raw, ro)
	}
	done()
	if err != nil {
		return nil, fmt.Errorf("readout: %w", err)
	}
	m.Pool = client.featurePool()
	err = d.Service.Do(ctx, sensorName, func(p *pipeline.Pipeline) error { return p.SetModel(m) })
	if err != nil {
		return nil, err
	}

	if r.tested, err = s.pass(ctx, client, "recognising", s.test, wants{labels: true, raw: true}); err != nil {
		return nil, err
	}
	return r, errors.Join(r.judge(raw), r.picture(ctx))
}

// pass replays recordings and collects what comes back.
func (s *story) pass(ctx context.Context, c *client, name string, sources []replay.Source, w wants) (*passed, error) {
	step, done := s.options.Stage(name, len(sources))
	defer done()
	start := time.Now()
	p, err := c.replay(ctx, sources, w, step)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.seconds = time.Since(start).Seconds()
	return p, nil
}
