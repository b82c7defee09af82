package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/survey"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

type trainFeastCmd struct {
	Dir    string     `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Out    string     `short:"o" required:"" help:"Model file to write." placeholder:"MODEL"`
	Device string     `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON   bool       `name:"json" help:"Print one JSON object."`
	Feast  feastFlags `embed:""`
	Layers layerFlags `embed:""`
	Sweep  sweepFlags `embed:"" group:"Search for parameters, with --sweep:"`
	Size   sizeFlags  `embed:"" group:"Choose the number of neurons, with --size auto:"`
}

func (c *trainFeastCmd) Run(e *env) error {
	config, err := c.Feast.config(e.given)
	if err != nil {
		return err
	}
	layers, err := c.Layers.layers(config)
	if err != nil {
		return err
	}
	target, err := e.target(c.Device)
	if err != nil {
		return usageError{err}
	}
	search, err := c.Sweep.search(config, c.Out, e.given)
	if err != nil {
		return err
	}
	tried := []feast.Config{config}
	if search != nil {
		tried = search.options.Trials
	}
	if err := fit(tried); err != nil {
		return err
	}
	sizes, err := c.Size.options(search != nil, e.given)
	if err != nil {
		return err
	}
	if len(layers) > 1 && (search != nil || sizes != nil) {
		return usageError{errors.New("--layer: expected neither --sweep nor --size with it, which search for a single layer")}
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
		err = c.sweep(e, search, target, recordings)
	case sizes != nil:
		err = c.Size.train(e, c, sizes, config, target, recordings)
	default:
		err = c.learn(e, layers, target, recordings)
	}
	return sizeHint(err)
}

// learn learns with one configuration.
func (c *trainFeastCmd) learn(e *env, layers []stack.Config, target hw.Target, recordings []nmnist.Recording) error {
	bars := e.bars()
	r, err := c.save(e, bars, layers, target, recordings)
	bars.Close()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	return r.print(e, layers)
}

// save learns features and writes the model.
func (c *trainFeastCmd) save(e *env, bars *progress.Display, layers []stack.Config, target hw.Target, recordings []nmnist.Recording,
) (featuresResult, error) {
	stage := bars.Stage("learning features")
	start := time.Now()
	passes := learn.Passes(len(layers), c.Layers.Together)
	m, counters, err := learn.Stack(e.ctx, layers, c.Layers.Together, target, recordings, stage.Steps(passes*len(recordings)))
	seconds := time.Since(start).Seconds()
	stage.End()
	if err != nil {
		return featuresResult{}, err
	}
	if err := m.Save(c.Out); err != nil {
		return featuresResult{}, err
	}
	r := featuresResult{
		Model: c.Out, Recordings: len(recordings), Events: counters[0].Events(),
		EventsPerS: float64(passes) * float64(counters[0].Events()) / seconds, layerResult: resultOf(layers[0].Feast, counters[0]), Device: target.Name(),
	}
	for i := 1; i < len(layers); i++ {
		r.Behind = append(r.Behind, resultOf(layers[i].Feast, counters[i]))
	}
	return r, nil
}

// layerResult is what became of the events that a layer learned from.
type layerResult struct {
	Features   int     `json:"features"`
	Hits       uint64  `json:"hits"`
	Missed     uint64  `json:"missed"`
	Border     uint64  `json:"border"`
	Noise      uint64  `json:"noise"`
	Ignored    uint64  `json:"ignored"`
	MissedRate float64 `json:"missed_rate"`
	// Neither is there where it would be a division by 0, which JSON cannot say.
	MissesPerHit *float64 `json:"misses_per_hit,omitempty"`
	Balance      *float64 `json:"balance,omitempty"`
	// State is balanced, falling, rising (thresholds, as misses per hit are far from
	// balance) or unknown.
	State monitor.State `json:"state"`
}

func resultOf(config feast.Config, c feast.Counters) layerResult {
	seen := monitor.Signals{Hits: c.Hits, Missed: c.Missed}
	return layerResult{
		State:    monitor.CheckBalance(config, seen, true).State,
		Features: config.Features(), Hits: c.Hits, Missed: c.Missed, Border: c.Border, Noise: c.Noise, Ignored: c.Ignored,
		MissedRate: c.MissedRate(), MissesPerHit: survey.PerHit(c.Hits, c.Missed), Balance: survey.Balance(config),
	}
}

// featuresResult is what `train feast --json` prints.
type featuresResult struct {
	Model      string  `json:"model"`
	Recordings int     `json:"recordings"`
	Events     uint64  `json:"events"`
	EventsPerS float64 `json:"events_per_s"` // of all passes
	layerResult
	Behind []layerResult `json:"behind,omitempty"` // layers behind the first
	Device string        `json:"device"`
}

// print tells people.
func (r featuresResult) print(e *env, layers []stack.Config) error {
	first := layers[0].Feast
	text := fmt.Sprintf("%s of %dx%d pixels, learned from %s\n"+
		"  events  %s, %s events/s on %s\n"+
		"  missed  %s; %s\n",
		plural(first.Features(), "feature"), first.Side(), first.Side(), plural(r.Recordings, "recording"),
		grouped(r.Events), rate(r.EventsPerS), r.Device, percent(r.MissedRate), missesPerHit(r.MissesPerHit, r.Balance))
	text += r.warning()
	if r.Noise > 0 {
		text += fmt.Sprintf("  noise   %s events had too few recent pixels around them\n", grouped(r.Noise))
	}
	if r.Ignored > 0 {
		text += fmt.Sprintf("  ignored %s OFF events\n", grouped(r.Ignored))
	}
	for i, b := range r.Behind {
		c := layers[i+1].Feast
		text += fmt.Sprintf("  layer %d %s of %dx%d of %dx%d pixels, over %d planes; missed %s; %s\n",
			i+2, plural(c.Features(), "feature"), c.Side(), c.Side(), c.Width, c.Height, c.Planes, percent(b.MissedRate), missesPerHit(b.MissesPerHit, b.Balance))
		text += b.warning()
	}
	return printf(e.stdout, "%s  model   %s\n", text, r.Model)
}

// warning says that a layer has not learned as it should.
func (r layerResult) warning() string {
	switch {
	case r.Hits+r.Missed == 0:
		return "  warning no event came to this layer's features: all were at the border, noise or ignored\n"
	case r.State == monitor.Falling:
		return "  warning far more misses than at balance: thresholds were still falling; let it learn from more events, or raise --delta-e\n"
	case r.State == monitor.Rising:
		return "  warning far fewer misses than at balance: thresholds were still rising; let it learn from more events, or raise --delta-i\n"
	}
	return ""
}
