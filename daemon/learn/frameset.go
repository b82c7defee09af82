package learn

import (
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// Len is the number of recordings.
func (s *FrameSet) Len() int { return len(s.rows) }

// Label is the label of a recording.
func (s *FrameSet) Label(i int) string { return s.rows[i].label }

// Steps is the number of frames of a recording.
func (s *FrameSet) Steps(i int) int { return len(s.rows[i].ends) }

// Frames is the number of frames of all recordings.
func (s *FrameSet) Frames() (n int) {
	for i := range s.rows {
		n += s.Steps(i)
	}
	return n
}

// Density is the share of values that are not zero.
func (s *FrameSet) Density() float64 {
	values := 0
	for i := range s.rows {
		values += len(s.rows[i].at)
	}
	return float64(values) / float64(max(1, s.Frames()*s.Config.Len()))
}

// Bytes is about what the set takes in memory.
func (s *FrameSet) Bytes() (n int64) {
	for i := range s.rows {
		r := &s.rows[i]
		n += int64(8*cap(r.ends) + 4*cap(r.at) + 2*cap(r.level))
	}
	return n
}

// Sequence is a recording for training, written out anew.
func (s *FrameSet) Sequence(i int) train.Sequence {
	r, size := &s.rows[i], s.Config.Len()
	levels := make([]int16, len(r.ends)*size)
	r.each(func(step int, at uint32, level int16) { levels[step*size+int(at)] = level })
	return train.Sequence{Levels: levels, Steps: len(r.ends), Label: r.class}
}

// Trial is a recording for calibration, written out anew.
func (s *FrameSet) Trial(i int) decide.Trial {
	r, size := &s.rows[i], s.Config.Len()
	out := decide.Trial{Frames: make([][]int32, len(r.ends)), Class: r.class}
	for k := range out.Frames {
		out.Frames[k] = make([]int32, size)
	}
	r.each(func(step int, at uint32, level int16) { out.Frames[step][at] = int32(level) })
	return out
}

// Subset is some of the recordings, by their indices, with all classes. They are shared.
func (s *FrameSet) Subset(of []int) *FrameSet {
	out := &FrameSet{Config: s.Config, Classes: s.Classes, rows: make([]framed, len(of))}
	for k, i := range of {
		out.rows[k] = s.rows[i]
	}
	return out
}

// each hands out all values of a recording that are not zero.
func (r *framed) each(do func(step int, at uint32, level int16)) {
	from := 0
	for step, end := range r.ends {
		for k := from; k < end; k++ {
			do(step, r.at[k], r.level[k])
		}
		from = end
	}
}
