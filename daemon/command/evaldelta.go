package command

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
)

// loadJudge reads what recordings are judged by: a model, or a network alone, which needs no features where its
// frames are of events.
func loadJudge(path string) (*model.Model, error) {
	m, err := model.Load(path)
	if !errors.Is(err, model.ErrNetworkAlone) {
		return m, err
	}
	n, err := decide.Load(path)
	switch {
	case errors.Is(err, decide.ErrAlone):
		return nil, fmt.Errorf("%w: 'saccade train delta DIR --refine %s --epochs 0 -o NET.delta' writes one that says it, with --interval, --kind and the like for the frames, and the folders of DIR for the labels", err, path)
	case err != nil:
		return nil, err
	case n.Frames.Source == frames.Features:
		return nil, fmt.Errorf("%s: its frames are of features, which a network alone has none of: 'saccade train delta FEATURES.model DIR --refine %s --epochs 0 -o MODEL' puts it into the model that they are of", path, path)
	}
	return &model.Model{Network: n}, nil
}
