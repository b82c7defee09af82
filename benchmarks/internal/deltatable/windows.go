package deltatable

import "github.com/saccade-dev/saccade/features/delta/train"

// Windows cuts sequences into stretches of n steps, which share their memory; what is left at an
// end is a stretch of its own. Training on them, an update sees more recordings.
func Windows(in train.Sequences, n int) train.Sequences {
	var out train.Sequences
	for _, s := range in {
		size := len(s.Levels) / s.Steps
		for from := 0; from < s.Steps; from += n {
			to := min(from+n, s.Steps)
			if s.Steps-to < n/2 {
				to = s.Steps
			}
			out = append(out, train.Sequence{Levels: s.Levels[from*size : to*size], Steps: to - from, Label: s.Label})
			if to == s.Steps {
				break
			}
		}
	}
	return out
}
