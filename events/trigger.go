package events

// Trigger is an edge at one of a camera's trigger inputs.
type Trigger struct {
	T      int64 // microseconds, by the clock of the events
	ID     uint8 // the channel, from 0
	Rising bool
	After  int64 // how many events of the source were delivered before it
}

// TriggerSource is a reader or decoder that meets triggers between events: those of
// Prophesee's encodings, of AEDAT 3.1 and of AEDAT 4.
type TriggerSource interface {
	// OnTrigger has f called for each trigger from now on, in the order of the
	// source, from within Read or Decode; nil for none. Triggers that stand before
	// the first time are counted and not given.
	OnTrigger(f func(Trigger))
}

// TriggerWriter is a writer that has a place for triggers: those of EVT 2.0, EVT 3.0,
// AEDAT 3.1 and AEDAT 4.
type TriggerWriter interface {
	// WriteTrigger writes a trigger between the events before and behind it, whatever
	// its After says.
	WriteTrigger(t Trigger) error
	// TriggerChannels is how many channels a trigger may be of, from 0; 1 where the
	// format does not tell them apart.
	TriggerChannels() int
}
