// Package metrics shows what a running daemon does: to Prometheus, by one [Collector] over all
// sensors, and to whoever asks whether it works; and the HTTP [Server] that this is read from.
//
// A scrape reads the snapshot that each sensor's goroutine leaves behind every
// message ([service.Snapshot]). It asks nothing of that goroutine and takes no lock
// that a sensor waits for, so a scrape holds no sensor up, however many there are
// and however often it comes. The snapshot costs a message about a microsecond, more
// with thousands of neurons, whether anybody looks or not.
//
// # What there is
//
// What is of a sensor has the label sensor, and what is of one layer the label layer, from 1 as
// in the commands: a single layer has it too, so that a rule fits all sensors. What is of the daemon has neither. Counters begin at 0 with the daemon, as
// Prometheus expects: what a stored state had counted before is left out. Signals of
// learning are those of the latest complete interval of package monitor and are
// missing before the first one, but for mean, least and greatest of the thresholds,
// which are those of the moment; where a share or a ratio says nothing (of no hits), it
// is missing too, and never 0 for want of anything better.
//
// Units follow Prometheus: seconds, bytes, ratios from 0 to 1. Thresholds are
// cosines and say so in their names, as a cosine has no unit. Latencies are from the receipt
// of a message: its sender's clock is another one.
//
// # How many there are
//
// A sensor of one layer has some 80 series, and sensors come by publishing. So no more than a number of them
// ([Watched], http.sensor_labels) have labels of their own, those that came first, each for as
// long as it is there; all others are summed under the sensor [Others]: counters, histograms and
// queues as sums that go on where a sensor goes, times as that of the last message and of the oldest
// checkpoint. What is of layers and networks cannot be summed, and is not told of them.
// saccade_unlabelled_sensors says how many that are. All other labels have values that are known beforehand: results,
// reasons, layers, and what a model calls the layers of its network.
//
// # Whether it works
//
// /healthz is 200 while the daemon works, and 503 where it does not though it could: where the pipeline of a sensor has
// something to do and has not gone a step forward for [service.StallAfter]. That is what a restart may mend, and what a
// watchdog is for. /readyz is 200 while messages are taken, and 503 while it starts and drains and while NATS is away,
// which no restart mends. Both say why, in text or, where that is accepted, in JSON ([State]).
//
// # Profiles
//
// /debug/pprof/ has Go's profiles of processor time, heap, allocations, goroutines and threads, and traces, where http.pprof is true. A profile
// of processor time is of two minutes at most, a trace of five seconds; one is made at a time. They end with whoever asked,
// and with the server. Command line and environment are not told.
//
// # Who may read
//
// A server listens where it is told. Beyond this machine it demands users, who log in
// by HTTP's basic authentication (RFC 7617), as Prometheus' basic_auth does, and should have a certificate, which is read
// again when it has changed. /healthz and /readyz answer everyone, as what watches over containers has no password; but where there
// are users, they alone are told the reason.
package metrics
