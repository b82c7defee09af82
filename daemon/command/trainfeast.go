package command

import (
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

type trainFeastCmd struct {
	Dir    string     `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Out    string     `short:"o" required:"" help:"Model file to write." placeholder:"MODEL"`
	Device string     `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON   bool       `name:"json" help:"Print one JSON object."`
	Feast  feastFlags `embed:""`
	Sweep  sweepFlags `embed:"" group:"Search for parameters, with --sweep:"`
	Size   sizeFlags  `embed:"" group:"Choose the number of neurons, with --size auto:"`
}

func (c *trainFeastCmd) Run(e *env) error {
	config, err := c.Feast.config()
	if err != nil {
		return err
	}
	target, err := hw.Find(c.Device)
	if err != nil {
		return usageError{err}
	}
	search, err := c.Sweep.search(config, c.Out)
	if err != nil {
		return err
	}
	sizes, err := c.Size.options(search != nil)
	if err != nil {
		return err
	}
	if err := writable(c.Out); err != nil {
		return err
	}
	recordings, err := labelled(c.Dir)
	if err != nil {
		return err
	}
	switch {
	case search != nil:
		return c.sweep(e, search, target, recordings)
	case sizes != nil:
		return c.Size.train(e, c, sizes, config, target, recordings)
	}
	return c.learn(e, config, target, recordings)
}

// learn learns with one configuration.
func (c *trainFeastCmd) learn(e *env, config feast.Config, target hw.Target, recordings []nmnist.Recording) error {
	bars := e.bars()
	r, err := c.save(e, bars, config, target, recordings)
	bars.Close()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	return r.print(e, config)
}

// save learns features and writes the model.
func (c *trainFeastCmd) save(e *env, bars *progress.Display, config feast.Config, target hw.Target, recordings []nmnist.Recording,
) (featuresResult, error) {
	stage := bars.Stage("learning features")
	start := time.Now()
	m, counters, err := learn.Features(e.ctx, config, target, recordings, stage.Steps(len(recordings)))
	seconds := time.Since(start).Seconds()
	stage.End()
	if err != nil {
		return featuresResult{}, err
	}
	if err := m.Save(c.Out); err != nil {
		return featuresResult{}, err
	}
	return featuresResult{
		Model: c.Out, Recordings: len(recordings), Events: counters.Events(), EventsPerS: float64(counters.Events()) / seconds,
		Hits: counters.Hits, Missed: counters.Missed, Border: counters.Border, MissedRate: counters.MissedRate(),
		MissesPerHit: float64(counters.Missed) / float64(max(counters.Hits, 1)), Balance: config.Balance(), Device: target.Name(),
	}, nil
}

// featuresResult is what `train feast --json` prints.
type featuresResult struct {
	Model        string  `json:"model"`
	Recordings   int     `json:"recordings"`
	Events       uint64  `json:"events"`
	EventsPerS   float64 `json:"events_per_s"`
	Hits         uint64  `json:"hits"`
	Missed       uint64  `json:"missed"`
	Border       uint64  `json:"border"`
	MissedRate   float64 `json:"missed_rate"`
	MissesPerHit float64 `json:"misses_per_hit"`
	Balance      float64 `json:"balance"`
	Device       string  `json:"device"`
}

// print tells people.
func (r featuresResult) print(e *env, config feast.Config) error {
	return printf(e.stdout, "%s of %dx%d pixels, learned from %s\n"+
		"  events  %s, %s events/s on %s\n"+
		"  missed  %s; %.4f misses per hit, %.4f at balance\n"+
		"  model   %s\n",
		plural(config.Features(), "feature"), config.Side(), config.Side(), plural(r.Recordings, "recording"),
		grouped(r.Events), rate(r.EventsPerS), r.Device, percent(r.MissedRate), r.MissesPerHit, r.Balance, r.Model)
}
