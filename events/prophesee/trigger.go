package prophesee

// Trigger is an edge at one of a camera's trigger inputs.
type Trigger struct {
	T      int64 // microseconds, by the clock of the events
	ID     uint8 // the channel
	Rising bool
	After  int64 // how many events of the source were delivered before it
}

// TriggerSource is a reader or decoder that meets triggers between events. The
// readers and decoders of all encodings of this family are TriggerSources.
type TriggerSource interface {
	// OnTrigger has f called for each trigger from now on, in the order of the
	// source, from within Read or Decode; nil for none. Triggers that stand before
	// the first time are counted and not given.
	OnTrigger(f func(Trigger))
}

// TriggerWriter is a writer that has a place for triggers. The writers of EVT 2.0
// and EVT 3.0 are TriggerWriters.
type TriggerWriter interface {
	// WriteTrigger writes a trigger between the events before and behind it.
	WriteTrigger(t Trigger) error
}
