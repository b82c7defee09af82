package deltatable

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/sim/dataset"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/moving"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// Data is a data set as sequences of frames, in three parts: what networks are trained on,
// what settings are chosen by, and what is reported.
type Data struct {
	Name              string
	Frames            frames.Config
	Train, Held, Test train.Sequences
}

// Names of data sets.
const (
	Real     = "N-MNIST"       // real recordings
	Saccades = "saccades"      // simulated ones of the same kind, more of them
	Moving   = "moving digits" // that cross the whole field
)

// Counts is the suffix of a data set's name for the same recordings as frames of counts.
const Counts = ", counts"

// plain is the name of a data set without that suffix, and whether it was there.
func plain(name string) (string, bool) { return strings.CutSuffix(name, Counts) }

// Sizes are numbers of recordings.
type Sizes struct{ Train, Held, Test int }

// every is the interval between two frames, and first when the first of a recording is: a
// surface with nothing on it yet is of no class.
const (
	every = 10 * time.Millisecond
	first = 50 * time.Millisecond
)

// surface are the frames of a sensor of so many pixels a side.
func surface(side int) frames.Config {
	return frames.Config{
		Width: side, Height: side, Mode: frames.Merged, Every: every,
		Kind: frames.Surface, Tau: 50 * time.Millisecond, Levels: 127,
	}.Canonical()
}

// counts are the frames of the same as counts.
func counts(side int) frames.Config {
	return frames.Config{Width: side, Height: side, Mode: frames.Merged, Every: every, Kind: frames.Counts, Levels: 15}.Canonical()
}

// recorded is a recording and its class.
type recorded struct {
	events []events.Event
	label  int
}

// NewReal reads N-MNIST's recordings in a folder with Train and Test: a share of Train,
// drawn by seed, is held out. Sizes bound how many are read; 0 is all of Test.
func NewReal(ctx context.Context, folder string, c frames.Config, s Sizes, seed uint64) (*Data, error) {
	list, err := nmnist.Folder(filepath.Join(folder, "nmnist", "Train"))
	if err != nil {
		return nil, err
	}
	if len(list) < s.Train+s.Held {
		return nil, fmt.Errorf("deltatable: expected %d recordings of training, found %d", s.Train+s.Held, len(list))
	}
	rand.New(rand.NewPCG(seed, 0x68656c64)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	test, err := nmnist.Folder(filepath.Join(folder, "nmnist", "Test"))
	if err != nil {
		return nil, err
	}
	if s.Test > 0 {
		test = test[:min(s.Test, len(test))]
	}
	d := &Data{Name: Real, Frames: c}
	for _, part := range []struct {
		to   *train.Sequences
		list []nmnist.Recording
	}{{&d.Train, list[:s.Train]}, {&d.Held, list[s.Train : s.Train+s.Held]}, {&d.Test, test}} {
		*part.to, err = sequences(ctx, c, len(part.list), func(_ context.Context, i int) (recorded, error) { return read(part.list[i]) })
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// read reads a recording of a digit.
func read(r nmnist.Recording) (recorded, error) {
	label, err := strconv.Atoi(r.Label)
	if err != nil {
		return recorded{}, fmt.Errorf("%s: expected a digit's folder, found %q", r.Path, r.Label)
	}
	f, err := events.Open(r.Path, events.OpenOptions{})
	if err != nil {
		return recorded{}, err
	}
	all, err := events.ReadAll(f)
	if err := f.Close(); err != nil {
		return recorded{}, err
	}
	return recorded{all, label}, err
}

// NewSaccades simulates recordings of MNIST's images as N-MNIST's were made. N-MNIST's first test
// recordings are of the first hundred images, which are left out; no image is in two parts.
func NewSaccades(ctx context.Context, folder string, c frames.Config, s Sizes, seed uint64) (*Data, error) {
	config := saccades.DefaultConfig()
	return simulated(ctx, Saccades, folder, c, s, func(ctx context.Context, from *digits.MNIST, n int, part uint64) (train.Sequences, error) {
		set, err := saccades.NewDataSet(from, config, n, seed+part)
		if err != nil {
			return nil, err
		}
		return sequences(ctx, c, n, func(ctx context.Context, i int) (recorded, error) {
			r, err := set.Recording(ctx, i)
			return recorded{r.Events, r.Label}, err
		})
	})
}

// NewMoving simulates recordings of drawn digits that move about the field.
func NewMoving(ctx context.Context, c frames.Config, s Sizes, seed uint64) (*Data, error) {
	source, err := digits.NewFonts(MovingStyle())
	if err != nil {
		return nil, err
	}
	d := &Data{Name: Moving, Frames: c}
	for part, p := range []struct {
		to *train.Sequences
		n  int
	}{{&d.Train, s.Train}, {&d.Held, s.Held}, {&d.Test, s.Test}} {
		set, err := moving.NewDataSet(source, MovingConfig(), p.n, seed+uint64(part)<<32)
		if err != nil {
			return nil, err
		}
		*p.to, err = sequences(ctx, c, p.n, func(ctx context.Context, i int) (recorded, error) {
			r, err := set.Recording(ctx, i)
			return recorded{r.Events, r.Label}, err
		})
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// MovingSide is the field's side of [NewMoving] in pixels.
const MovingSide = 28

// MovingConfig is [moving.DefaultConfig] on a smaller field, with smaller digits whose ink is some 15
// pixels high and which move by some ten pixels to and fro, for as long as a recording of N-MNIST. On a larger
// field, or with MNIST's images, networks as small as these are right about half of the time.
func MovingConfig() moving.Config {
	c := moving.DefaultConfig()
	c.Geometry = events.Geometry{Width: MovingSide, Height: MovingSide}
	c.MinScale, c.MaxScale, c.Beyond = 0.7, 0.8, 0.07
	c.Duration = 310 * time.Millisecond
	return c
}

// MovingStyle has 0.3 of the default style's distortions.
func MovingStyle() digits.Style {
	s := digits.DefaultStyle()
	for _, v := range []*float64{&s.Rotation, &s.Slant, &s.Aspect, &s.Elastic, &s.Weight} {
		*v *= 0.3
	}
	return s
}

// simulated divides MNIST's images among the parts, in the ratio of their sizes.
func simulated(ctx context.Context, name, folder string, c frames.Config, s Sizes,
	part func(ctx context.Context, from *digits.MNIST, n int, part uint64) (train.Sequences, error),
) (*Data, error) {
	images, err := digits.OpenMNIST(filepath.Join(folder, "mnist", "t10k-images-idx3-ubyte.gz"), filepath.Join(folder, "mnist", "t10k-labels-idx1-ubyte.gz"))
	if err != nil {
		return nil, err
	}
	const left = 100
	if images.Len() < 2*left {
		return nil, fmt.Errorf("deltatable: expected more than %d images, found %d", 2*left, images.Len())
	}
	d := &Data{Name: name, Frames: c}
	all := s.Train + s.Held + s.Test
	from := left
	for i, p := range []struct {
		to *train.Sequences
		n  int
	}{{&d.Train, s.Train}, {&d.Held, s.Held}, {&d.Test, s.Test}} {
		to := from + (images.Len()-left)*p.n/all
		if *p.to, err = part(ctx, images.Slice(from, to), p.n, uint64(i)<<32); err != nil {
			return nil, err
		}
		from = to
	}
	return d, nil
}

// sequences makes the frames of n recordings on all cores.
func sequences(ctx context.Context, c frames.Config, n int, recording func(context.Context, int) (recorded, error)) (train.Sequences, error) {
	out := make(train.Sequences, 0, n)
	for s, err := range dataset.All(ctx, n, runtime.GOMAXPROCS(0), func() (func(context.Context, int) (train.Sequence, error), error) {
		f, err := frames.New(c)
		return func(ctx context.Context, i int) (train.Sequence, error) {
			r, err := recording(ctx, i)
			if err != nil {
				return train.Sequence{}, err
			}
			return sequence(f, r)
		}, err
	}) {
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// sequence makes the frames of a recording.
func sequence(f *frames.Framer, r recorded) (train.Sequence, error) {
	all, err := f.All(r.events, nil)
	if err != nil {
		return train.Sequence{}, err
	}
	const skip = int(first/every) - 1
	all = all[min(skip, len(all)-1):]
	s := train.Sequence{Steps: len(all), Label: r.label, Levels: make([]int16, 0, len(all)*len(all[0]))}
	for _, frame := range all {
		for _, v := range frame {
			s.Levels = append(s.Levels, int16(v))
		}
	}
	return s, nil
}
