// Package cluster shares sensors among the daemons that are connected to one NATS cluster:
// each is worked on by one of them, and by another one soon after that has ended.
//
// # How
//
// Two key-value buckets are all that daemons know of each other:
//
//	PREFIX-daemons   a key for each daemon, which it writes anew all the time ([Options].Lease / 5)
//	PREFIX-sensors   a key for each sensor: which daemon has it, and its term
//
// A daemon whose key has not changed for a lease is dead for those that look. They go by their
// own clock, which only goes forward, and only by a time throughout which they heard
// themselves: of an outage that is everybody's, or theirs, nobody dies. No clock is compared with
// another one.
//
// A sensor that nobody has, or that a dead daemon has, is for the living daemon that comes
// first for it (highest random weight; Thaler & Ravishankar 1998), which takes it by
// compare-and-set on its key and counts its term up. If that one does not, whoever sees it
// after another lease does. A daemon that joins becomes the first for its share: those that
// have them store a checkpoint and let go, one after the other.
//
// # What is guaranteed
//
// At any time the key of a sensor names one daemon. A daemon that is cut off may go on
// believing that a sensor is its own until it can look again; it can store nothing that
// another has stored already, and its checkpoints are older by term (package durable). So
// results are exactly once always, and work is done twice at worst.
//
// A sensor is taken over within about a lease and a half of its daemon's end; at once where
// the daemon could say goodbye.
package cluster
