// Package metrics shows what a running daemon does to Prometheus: one [Collector]
// over all sensors, and the HTTP [Server] that it is read from.
//
// A scrape reads the snapshot that each sensor's goroutine leaves behind every
// message ([service.Snapshot]). It asks nothing of that goroutine and takes no lock
// that a sensor waits for, so a scrape holds no sensor up, however many there are
// and however often it comes. The snapshot costs a message about a microsecond, more
// with thousands of neurons, whether anybody looks or not.
//
// # What there is
//
// Every metric has the label sensor, and what is of one layer the label layer, from 1 as
// in the commands: a single layer has it too, so that a rule fits all sensors. Counters begin at 0 with the daemon, as
// Prometheus expects: what a stored state had counted before is left out. Signals of
// learning are those of the latest complete interval of package monitor and are
// missing before the first one, but for mean, least and greatest of the thresholds,
// which are those of the moment; where a share or a ratio says nothing (of no hits), it
// is missing too, and never 0 for want of anything better.
//
// Units follow Prometheus: seconds, bytes, ratios from 0 to 1. Thresholds are
// cosines and say so in their names, as a cosine has no unit.
//
// # Who may read
//
// A server listens where it is told. Beyond this machine it demands users, who log in
// by HTTP's basic authentication (RFC 7617), as Prometheus' basic_auth does; for
// more, a proxy. /healthz tells nothing but whether the daemon works, and asks nobody
// who they are: what watches over containers has no password.
package metrics
