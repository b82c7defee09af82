package events

// Polarity is the direction of a change in brightness.
type Polarity uint8

// The two polarities. Off is 0 and On is 1 in every format that saccade writes.
const (
	Off Polarity = 0
	On  Polarity = 1
)

// String gives "ON" or "OFF", as the field writes them.
func (p Polarity) String() string {
	if p == Off {
		return "OFF"
	}
	return "ON"
}

// Event is one change of brightness at one pixel. It takes 16 bytes.
type Event struct {
	T    int64 // time in microseconds, from wherever the source counts
	X, Y uint16
	P    Polarity
}

// MaxSide is the largest width or height in pixels that saccade accepts from
// outside: twice the largest sensor sold, and what bounds every allocation
// that depends on a geometry.
const MaxSide = 4096

// Geometry is the size of a sensor in pixels; the zero value means unknown.
type Geometry struct {
	Width, Height int
}

// Known tells whether the geometry is given.
func (g Geometry) Known() bool { return g.Width > 0 && g.Height > 0 }

// Valid tells whether the geometry is one that saccade accepts: both sides
// between 1 and MaxSide.
func (g Geometry) Valid() bool {
	return g.Width > 0 && g.Height > 0 && g.Width <= MaxSide && g.Height <= MaxSide
}

// Contains tells whether a pixel lies on the sensor.
func (g Geometry) Contains(x, y uint16) bool {
	return int(x) < g.Width && int(y) < g.Height
}

// DefaultPacketEvents is how many events a packet holds where nothing else is
// said: 32 KiB in the default encoding, well below the NATS client's and
// server's buffers.
const DefaultPacketEvents = 4096

// Packet is a run of events in the order of their source. Its capacity is fixed
// when it is made, and readers and decoders fill it without allocating.
type Packet struct {
	Events []Event
}

// NewPacket makes an empty packet for at most capacity events.
func NewPacket(capacity int) *Packet {
	if capacity <= 0 {
		panic(PanicPacketCapacity)
	}
	return &Packet{Events: make([]Event, 0, capacity)}
}

// PanicPacketCapacity is the panic of NewPacket for a capacity below one.
const PanicPacketCapacity = "events: a packet needs a capacity of one event or more"

// Reset empties the packet and keeps its memory.
func (p *Packet) Reset() { p.Events = p.Events[:0] }

// Room is how many more events fit.
func (p *Packet) Room() int { return cap(p.Events) - len(p.Events) }
