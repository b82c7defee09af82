package pipeline

import "github.com/saccade-dev/saccade/features/feast"

// Device names what the first layer computes on now, which is the target until its device fails, and tells why
// it is another, or why there are no results any more: a [*feast.DeviceError], nil where there was none.
func (p *Pipeline) Device() (name string, failure error) {
	if p.stages == nil {
		return p.options.Target.Name(), nil
	}
	return p.stages.layers.Layer(0).Device()
}

// Close gives the target's device back, where there is one. What the pipeline has come to can be looked at and
// taken as before.
func (p *Pipeline) Close() error {
	if p.stages == nil {
		return nil
	}
	return p.stages.layers.Close()
}

// OnDeviceFailure is what the pipeline does when its device fails.
func (p *Pipeline) OnDeviceFailure() feast.OnFailure {
	if p.options.OnDeviceFailure == "" {
		return feast.FallBack
	}
	return p.options.OnDeviceFailure
}
