package deltatable

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/wholefile"
	"github.com/saccade-dev/saccade/hw"
)

// Timing is what the engine of a network of integers takes for a frame, in ns: mean and standard
// deviation of the rounds over the same recordings. Frames that are the first of a recording are left out.
type Timing struct {
	Mean, Deviation float64
}

// Times measures the networks of rows, one after the other on one core, and keeps the
// results beside the journal. The engine works as it does by default: a layer adds what changed, or
// multiplies what is not zero where that is less.
func (j *Journal) Times(ctx context.Context, p *Plan, folder string, rows []Row) (map[Key]Timing, error) {
	data := sets{folder: folder, plan: p, of: map[string]*one{}}
	out := map[Key]Timing{}
	for i := range rows {
		for k := range rows[i].Results {
			r := &rows[i].Results[k]
			t, err := j.time(ctx, r, &data)
			if err != nil {
				return nil, err
			}
			out[r.Key] = t
		}
	}
	return out, nil
}

func (j *Journal) time(ctx context.Context, r *Result, data *sets) (t Timing, err error) {
	base := filepath.Join(j.dir, r.file())
	text, err := os.ReadFile(base + ".time.json")
	if err == nil {
		return t, json.Unmarshal(text, &t)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return t, err
	}
	net, err := delta.Load(base + ".delta")
	if err != nil {
		return t, err
	}
	name, counted := plain(r.Data)
	d, err := data.get(ctx, name, counted, r.Seed)
	if err != nil {
		return t, err
	}
	if t, err = Time(ctx, net, d.Test[:min(20, len(d.Test))]); err != nil {
		return t, err
	}
	if text, err = json.Marshal(t); err != nil {
		return t, err
	}
	return t, wholefile.Write(base+".time.json", text)
}

// Time measures an engine on sequences, a round for each of a few.
func Time(ctx context.Context, net *delta.Network, list train.Sequences) (t Timing, err error) {
	const rounds = 5
	target, err := hw.Find(hw.Auto)
	if err != nil {
		return t, err
	}
	e, err := delta.NewEngine(net, target)
	if err != nil {
		return t, err
	}
	var frames [][][]int32
	for i := range list {
		var of [][]int32
		for k := range list[i].Steps {
			of = append(of, frame(&list[i], k))
		}
		frames = append(frames, of)
	}
	var took [rounds]float64
	for round := range took {
		if err := ctx.Err(); err != nil {
			return t, err
		}
		steps := 0
		for _, of := range frames {
			e.Reset()
			if _, err := e.Step(of[0]); err != nil {
				return t, err
			}
			start := time.Now()
			for _, f := range of[1:] {
				if _, err := e.Step(f); err != nil {
					return t, err
				}
			}
			took[round] += float64(time.Since(start))
			steps += len(of) - 1
		}
		took[round] /= float64(max(steps, 1))
		t.Mean += took[round] / rounds
	}
	for _, v := range took {
		t.Deviation += (v - t.Mean) * (v - t.Mean) / (rounds - 1)
	}
	t.Deviation = math.Sqrt(t.Deviation)
	return t, nil
}
