package feast

import (
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// OnFailure says what a layer does when its device fails. It is no part of a configuration, as it changes no result.
type OnFailure string

// What there is to do.
const (
	// FallBack goes back to the last state that was stored from the device, computes what has come since on the
	// target's processor, and goes on there: no event is lost or counted twice, and the results are the same bits
	// as if there had been no device. It is the default. A target that is an [hw.FailureListener] is told.
	FallBack OnFailure = "fallback"
	// Stop has Process return a [*DeviceError], then and ever after. The layer's state is that before the packet
	// which failed, and can be taken and put into another layer.
	Stop OnFailure = "stop"
)

// DeviceError says that a layer's device has failed, and what became of it.
type DeviceError struct {
	Device    string // that failed
	Processor string // that computes now, empty where the layer refuses events
	Err       error
	// Replayed is how many earlier events were computed again.
	Replayed int
	// Wrong is how many of the results that the device gave to those events were not the right ones, though they
	// have been handed out, and First the first of them. Withheld is how many wrong ones there were in the packet at
	// which it failed, whose results are right.
	Wrong    int
	First    Mismatch
	Withheld int
}

// Mismatch is a wrong result of a device.
type Mismatch struct {
	Ago           int // how many events before the packet at which the failure was noticed
	Device, Right int16
}

func (f *DeviceError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "feast: device %s failed: %v", f.Device, f.Err)
	if f.Processor != "" {
		fmt.Fprintf(&b, "; %s goes on, behind computing %d events again", f.Processor, f.Replayed)
	}
	if f.Wrong > 0 {
		fmt.Fprintf(&b, "; %d of the device's results that were handed out are wrong, the first %d events before: it gave %d, right is %d",
			f.Wrong, f.First.Ago, f.First.Device, f.First.Right)
	}
	if f.Withheld > 0 {
		fmt.Fprintf(&b, "; %d of its last results were wrong, and were not handed out", f.Withheld)
	}
	return b.String()
}

func (f *DeviceError) Unwrap() error { return f.Err }

// SetOnFailure says what to do when the layer's device fails. A layer without one never fails.
func (l *Layer) SetOnFailure(o OnFailure) {
	if o != FallBack && o != Stop {
		panic(PanicOnFailure)
	}
	if l.device != nil {
		l.device.policy = o
	}
}

// PanicOnFailure is the panic of SetOnFailure for what is none of its constants.
const PanicOnFailure = "feast: SetOnFailure needs FallBack or Stop"

// Device names what the layer computes on now, and tells why that is another than it was made for, or why the
// layer refuses events: a [*DeviceError], nil where there was none.
func (l *Layer) Device() (name string, failure error) {
	switch d := l.device; {
	case d == nil:
		return l.target, nil
	case d.failure != nil && d.failure.Processor == "":
		return d.name, d.failure
	case d.failure != nil:
		return d.processor, d.failure
	case d.closed:
		return d.processor, nil
	default:
		return d.name, nil
	}
}

// Close gives the layer's device back, where it has one. What was learned stays, and the layer can be used further, on
// the target's processor.
func (l *Layer) Close() error {
	if !l.device.inUse() {
		return nil
	}
	l.fetch()
	if !l.device.inUse() {
		return nil // it failed on this occasion, and is closed
	}
	l.device.release(l)
	l.device.closed = true
	if l.device.engine == nil {
		return nil
	}
	return l.device.engine.Close()
}

// fail ends the use of the engine: the layer's memory becomes what it was before the packet that is being
// processed, nil where there is none, and that is processed, as the policy says.
func (l *Layer) fail(err error, in []events.Event, winners []int16) error {
	d := l.device
	f := &DeviceError{Device: d.name, Err: err}
	if d.engine != nil {
		_ = d.engine.Close() // what led here says more
	}
	given := append([]int16(nil), winners...)
	d.journal.drop()
	if d.loaded {
		d.release(l)
		d.journal.held.put(l)
		f.Replayed = len(d.journal.events)
		f.Wrong, f.First = d.journal.replay(l)
	} else {
		d.before.put(l) // nothing has come that the layer's memory does not have
	}
	d.failure = f
	d.journal = journal{}
	if d.policy == Stop {
		return f
	}
	f.Processor = d.processor
	if in != nil {
		l.processOnProcessor(in, winners)
		f.Withheld, _ = compare(given, winners)
	}
	if listener, ok := d.target.(hw.FailureListener); ok {
		listener.DeviceFailed(f)
	}
	return nil
}
