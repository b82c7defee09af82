package command

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/sweep"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/predict"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// sweep searches for parameters, learns with the best of them and tells what a readout
// makes of them, beside those that the sweep started from.
func (c *trainFeastCmd) sweep(e *env, s *search, target hw.Target, recordings []nmnist.Recording) error {
	if same, err := sameFile(s.options.Results, c.Out); err != nil || same {
		return usageError{fmt.Errorf("--results: expected another file than the model's, found %s twice", c.Out)}
	}
	bars := e.bars()
	s.options.Target, s.options.Recordings = target, recordings
	r, err := c.findAndSave(e, bars, s)
	bars.Close()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	if err := printf(e.stdout, "%s", r.text(s.space)); err != nil {
		return err
	}
	learned := r.Features
	return learned.print(e, stack.Of(r.Best.Config))
}

// findAndSave does the work of a sweep.
func (c *trainFeastCmd) findAndSave(e *env, bars *progress.Display, s *search) (r sweepResult, err error) {
	s.options.Stage = func(name string, steps int) (step, end func()) {
		stage := bars.Stage(name)
		return stage.Steps(steps), stage.End
	}
	found, err := sweep.Run(e.ctx, s.options)
	if err != nil {
		return r, err
	}
	r = sweepResult{
		Results: s.options.Results, Judged: found.Start.Result.Recordings, Rungs: found.Rungs,
		Configurations: len(found.Ranked), Computed: found.Computed, Known: found.Known, Ranking: found.Ranked,
	}
	// The model first: it is what was asked for.
	if r.Features, err = c.save(e, bars, stack.Of(found.Ranked[0].Result.Config), s.options.Target, s.options.Recordings); err != nil {
		return r, err
	}
	r.Best, r.Start, err = c.compare(e, bars, s, found)
	return r, err
}

// sameFile tells whether two names are of one file, as far as names tell.
func sameFile(a, b string) (bool, error) {
	one, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	other, err := filepath.Abs(b)
	return one == other, err
}

// compare cross-validates a readout on the best configuration and on the one that the
// sweep started from.
func (c *trainFeastCmd) compare(e *env, bars *progress.Display, s *search, found *sweep.Outcome) (best, start judged, err error) {
	stage := bars.Stage("training two readouts")
	defer stage.End()
	step := stage.Steps(2)
	judge := func(t sweep.Trial) (judged, error) {
		accuracy, err := sweep.Accuracy(e.ctx, s.options, t.Result.Config)
		step()
		return judged{
			Number: t.Number, Flags: s.space.Flags(t.Result.Config), Config: t.Result.Config, Score: t.Result.Score,
			MissedRate: t.Result.MissedRate, AccuracyCV: accuracy,
		}, err
	}
	if best, err = judge(found.Ranked[0]); err != nil {
		return best, start, err
	}
	if found.Start.Number == best.Number {
		step()
		return best, best, nil
	}
	start, err = judge(found.Start)
	return best, start, err
}

// judged is a configuration with what was predicted and what a readout reaches.
type judged struct {
	Number     int           `json:"number"`
	Flags      []string      `json:"flags"` // of the parameters that were varied
	Config     feast.Config  `json:"config"`
	Score      predict.Score `json:"score"`
	MissedRate float64       `json:"missed_rate"`
	AccuracyCV float64       `json:"accuracy_cv"`
}

// sweepResult is what `train feast --sweep --json` prints.
type sweepResult struct {
	Results        string         `json:"results"`
	Judged         int            `json:"judged_by"` // recordings
	Rungs          []int          `json:"rungs"`
	Configurations int            `json:"configurations"`
	Computed       int            `json:"computed"`
	Known          int            `json:"known"`
	Best           judged         `json:"best"`
	Start          judged         `json:"start"`
	Features       featuresResult `json:"features"`
	Ranking        []sweep.Trial  `json:"ranking"`
}

// maxRanking is how many configurations people are shown.
const maxRanking = 10

// text is the ranking as a table, and the best beside the start.
func (r sweepResult) text(space sweep.Space) string {
	heads := []string{"rank", "score", "missed", "weights"} // of all banks
	for _, name := range space.Names() {
		heads = append(heads, strings.ReplaceAll(name, "_", "-")) // as the flags
	}
	rows := [][]string{heads}
	shown := map[int]bool{}
	add := func(rank int, t sweep.Trial) {
		name := fmt.Sprint(rank + 1)
		if t.Number == 0 {
			name += " start"
		}
		if t.Result.Recordings < r.Judged {
			name += fmt.Sprintf(" (by %d)", t.Result.Recordings)
		}
		shown[t.Number] = true
		c := t.Result.Config
		rows = append(rows, append([]string{
			name, fmt.Sprintf("%.3f", t.Result.Score.Separability), percent(t.Result.MissedRate), grouped(c.Features() * c.Elements()),
		}, space.Texts(c)...))
	}
	for i, t := range r.Ranking[:min(maxRanking, len(r.Ranking))] {
		add(i, t)
	}
	for i, t := range r.Ranking {
		if t.Number == 0 && !shown[0] {
			add(i, t)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, judged by %s without a readout; %s computed, %s from before\n\n%s\n",
		plural(r.Configurations, "configuration"), plural(r.Judged, "recording"), plural(r.Computed, "result"), grouped(r.Known), columns(rows))
	fmt.Fprintf(&b, "  best    %s\n", strings.Join(r.Best.Flags, " "))
	fmt.Fprintf(&b, "  score   %.3f, %.3f to begin with; %s and %s is the hardest pair to tell apart\n",
		r.Best.Score.Separability, r.Start.Score.Separability, r.Best.Score.Hardest.Is, r.Best.Score.Hardest.Like)
	fmt.Fprintf(&b, "  right   %s, %s to begin with: ridge regression, cross-validated\n", percent(r.Best.AccuracyCV), percent(r.Start.AccuracyCV))
	fmt.Fprintf(&b, "  results %s\n\n", r.Results)
	return b.String()
}

// columns writes rows of a table, every column as wide as it must be.
func columns(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i == 0 {
				fmt.Fprintf(&b, "  %-*s", widths[i], cell)
			} else {
				fmt.Fprintf(&b, "  %*s", widths[i], cell)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
