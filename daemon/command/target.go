package command

import "github.com/saccade-dev/saccade/hw"

// target finds a device by its name. Where it fails later on, the log says so, once for each layer on it: the results are
// those of a processor from then on, and are the same.
func (e *env) target(name string) (hw.Target, error) {
	t, err := hw.Find(name)
	if err != nil {
		return nil, err
	}
	return hw.Watched(t, func(failure error) { e.log.Warn("the device has failed", "device", t.Name(), "error", failure) }), nil
}
