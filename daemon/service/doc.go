// Package service is the daemon between NATS and the pipelines: it takes messages
// of events off the bus, gives each sensor a pipeline and a goroutine of its own,
// and publishes what comes of them.
//
// # Who owns what
//
//	subscription  one callback, which only sorts messages into queues and never waits
//	sensor        one goroutine: its queue, its pipeline, its publishing, and the
//	              snapshot that it leaves behind every message for whoever looks
//	Run           starts them, and returns when all have ended
//
// Sensors share nothing on the way of a message but the connection.
//
// # Back-pressure
//
// A sensor's queue is bounded in messages and in bytes. A message that does not
// fit is answered busy where it can be answered, and counted in the sensor's
// status either way; what waits in other queues is not touched.
//
// A pipeline cannot take back what it has processed. While the connection to NATS
// is lost and its buffer full, results wait for it, the queue behind them fills,
// and its sender is told when the connection is back.
//
// # Draining
//
// When the context ends, nothing more is accepted; what was accepted is processed;
// what was processed is published and acknowledged; then every pipeline's state
// is stored, and Run returns. A message is acknowledged after its results were
// published on the same connection, so whoever sees the acknowledgement knows that
// the server has the results. However long the queues are, a drain takes the time
// that they need; only where there is no connection for 10 s does it give up, and
// Run's error says so. A state that could not be stored is an error of Run too.
package service
