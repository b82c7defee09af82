package sizing

import (
	"context"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/size"
)

// Result is what was measured and what it speaks for.
type Result struct {
	Rate       float64     `json:"noise_hz"` // a pixel, mixed in
	Learned    int         `json:"recordings_learned"`
	Measured   int         `json:"recordings_measured"`
	RunsEach   int         `json:"runs"`
	BankNames  []string    `json:"banks"`
	Untaken    Untaken     `json:"untaken"`
	Curve      size.Curve  `json:"curve"`
	Choice     size.Choice `json:"choice"`
	EventsSeen uint64      `json:"events_measured"` // over all trials
}

// Untaken are shares of the measured events that no feature took, 0 to 1: those at the
// border, most of all. They are means over all trials.
type Untaken struct {
	Structure float64 `json:"structure"`
	Noise     float64 `json:"noise"`
}

// Run tries every size and chooses. That no size can be chosen is no error: the choice
// says why. A recording that cannot be read is an error that names it.
func Run(ctx context.Context, o Options) (Result, error) {
	if err := o.Validate(); err != nil {
		return Result{}, err
	}
	trials, err := runTrials(ctx, &o)
	if err != nil {
		return Result{}, err
	}
	r := Result{Rate: o.Rate, RunsEach: o.Runs, BankNames: bankNames(o.Config)}
	r.Learned, r.Measured = o.split()
	if r.Curve, err = size.NewCurve(trials); err != nil {
		return Result{}, err
	}
	r.Choice = r.Curve.Choose(r.BankNames...)
	r.EventsSeen, r.Untaken = untaken(trials)
	return r, nil
}

// bankNames are the banks in the order of the layer's.
func bankNames(c feast.Config) []string {
	if c.Banks() == 2 {
		return []string{events.Off.String(), events.On.String()}
	}
	return []string{string(c.Mode)}
}

func untaken(trials []size.Trial) (all uint64, u Untaken) {
	var taken, not [2]uint64
	for i := range trials {
		for k := range not {
			not[k] += trials[i].Untaken[k]
			for b := range trials[i].Banks {
				taken[k] += trials[i].Banks[b].Events(size.Kind(k))
			}
		}
	}
	share := func(k size.Kind) float64 { return float64(not[k]) / float64(max(not[k]+taken[k], 1)) }
	return taken[0] + taken[1] + not[0] + not[1], Untaken{Structure: share(size.Structure), Noise: share(size.Noise)}
}

// runTrials runs every size as often as is asked for, the largest first, as they take
// the longest.
func runTrials(ctx context.Context, o *Options) ([]size.Trial, error) {
	nLearn, nMeasure := o.split()
	taken := learn.Shuffled(o.Recordings, o.Config.Seed)[:nLearn+nMeasure]
	trials := make([]size.Trial, len(o.Sizes)*o.Runs)
	err := learn.OnAllCores(len(trials), nil, func() (func(int) error, error) {
		return func(i int) (err error) {
			c := o.Config
			c.Neurons = o.Sizes[len(o.Sizes)-1-i/o.Runs]
			run := uint64(i % o.Runs)
			c.Seed += run
			trials[i], err = try(ctx, o, c, run, taken[:nLearn], taken[nLearn:])
			return err
		}, nil
	})
	return trials, err
}

// noiseStream is the second word of the seeds of noise.
const noiseStream = 0x6e6f697365 // "noise"

// try is one trial. What is random in it depends on the seed of its configuration and
// on the number of its run alone.
func try(ctx context.Context, o *Options, c feast.Config, run uint64, learned, measured []nmnist.Recording) (size.Trial, error) {
	m, err := newMixer(c.Geometry(), o.Rate)
	if err != nil {
		return size.Trial{}, err
	}
	seeds := rand.New(rand.NewPCG(c.Seed, noiseStream))
	stream := func(recordings []nmnist.Recording) size.Stream {
		return func(ctx context.Context, fresh func(), do func([]events.Event, []bool) error) error {
			for _, r := range recordings {
				fresh()
				if err := m.each(ctx, r.Path, seeds.Uint64(), do); err != nil {
					return err
				}
				if o.Done != nil {
					o.Done()
				}
			}
			return nil
		}
	}
	return size.Try(ctx, c, o.Target, stream(learn.Shuffled(learned, o.Config.Seed+run)), stream(measured))
}
