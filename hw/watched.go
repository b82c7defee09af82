package hw

// FailureListener is a target that wants to be told when a layer's device has failed, by the goroutine that uses the
// layer.
type FailureListener interface {
	DeviceFailed(failure error)
}

// Watched is a target with somebody who is told of devices that fail; targets without devices are as they were. What
// is told may be told by several goroutines at once.
func Watched(t Target, told func(failure error)) Target {
	opener, ok := t.(Opener)
	if !ok {
		return t
	}
	return watched{opener, told}
}

type watched struct {
	Opener
	told func(error)
}

var (
	_ Fitter          = watched{}
	_ FailureListener = watched{}
)

func (w watched) Processor() Target { return Processor(w.Opener) }

func (w watched) Fits(c EngineConfig) error { return Fits(w.Opener, c) }

func (w watched) DeviceFailed(failure error) { w.told(failure) }

// Fits tells whether a target could hold a layer: by giving it to a device for a moment, where it is no [Fitter].
func Fits(o Opener, c EngineConfig) error {
	if f, ok := o.(Fitter); ok {
		return f.Fits(c)
	}
	e, err := o.Open(c)
	if err != nil {
		return err
	}
	return e.Close()
}
