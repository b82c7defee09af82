package service

import "time"

// Checkpoint is a state of a sensor that was stored, which a restart would go on from. The zero value is none.
type Checkpoint struct {
	At       time.Time // when it was stored
	Bytes    int64     // its size
	Sequence uint64    // of the last message of the stream that is in it
}
