package service

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/feast"
)

// watchDevice looks whether the pipeline's device has failed, which is told once: as a warning where a processor
// goes on, and otherwise as what the service ends with.
func (sn *sensor) watchDevice() {
	name, failure := sn.pipe.Device()
	if failure == sn.failure { //nolint:errorlint // the same one, which was told
		return
	}
	sn.failure = failure
	if failure == nil {
		return // another model was put in, on a device of its own
	}
	sn.failures++
	if sn.pipe.OnDeviceFailure() != feast.Stop {
		sn.service.options.Log.Warn("the device has failed: a processor goes on, with the same results", logSensor, sn.name, logDevice, name, logError, failure)
		return
	}
	select {
	case sn.service.stopped <- fmt.Errorf("sensor %s stopped behind the message in which its device has failed, as is configured: %w", sn.name, failure):
	default: // another sensor was first
	}
}

// stopped tells whether nothing is computed any more.
func (sn *sensor) stopped() bool {
	return sn.failure != nil && sn.pipe.OnDeviceFailure() == feast.Stop
}
