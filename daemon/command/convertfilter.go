package command

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
	"github.com/saccade-dev/saccade/events/filter"
)

// checkPeriods finds what is wrong with the filters' times.
func (c *convertCmd) checkPeriods() error {
	if c.Refractory != 0 {
		if err := filter.CheckPeriod("--refractory", c.Refractory); err != nil {
			return err
		}
	}
	if c.Background != 0 {
		return filter.CheckPeriod("--background", c.Background)
	}
	return nil
}

// filtered puts the filters behind a recording, in the daemon's order: a pixel that fires by
// itself, again and again, supports its neighbours no longer once the first has been at work.
// Each recording has its own, in front of merging and cutting, so that the events of one camera
// do not vouch for another's, and those at a cut are judged by what lay behind it.
func (c *convertCmd) filtered(r events.Reader, path string) (events.Reader, error) {
	if c.Refractory == 0 && c.Background == 0 {
		return r, nil
	}
	g := r.Header().Geometry
	if !g.Known() {
		return nil, fmt.Errorf("%s: a filter needs the sensor's size, which the recording does not say: give it with --geometry", path)
	}
	if c.Refractory != 0 {
		f, err := filter.NewRefractory(g, c.Refractory)
		if err != nil {
			return nil, err
		}
		r = edit.NewFiltered(r, g, f)
	}
	if c.Background != 0 {
		f, err := filter.NewBackground(g, c.Background)
		if err != nil {
			return nil, err
		}
		r = edit.NewFiltered(r, g, f)
	}
	return r, nil
}
