// Package control lets a running daemon be asked and told things over NATS: a service
// named saccade by the conventions of NATS' micro services (ADR-32), so that
//
//	nats micro ls
//	nats micro info saccade
//	nats req saccade.control.learning '{"sensor":"cam1","learning":false}'
//
// find it and use it. The endpoints, under the configured prefix:
//
//	PREFIX.control.learning  freezes a sensor's learning, or has it go on
//	PREFIX.control.history   the signals of a sensor's learning over its stream
//	PREFIX.control.sensors   the sensors that the daemon serves
//	PREFIX.control.model     what a sensor has learned, a model file
//
// Requests and answers are JSON, but for the model. A request is a small object,
// refused where it has anything that is not known: a misspelt field must not look
// as if it had done something.
//
// # Order
//
// What concerns one sensor is done by that sensor's goroutine, between two of its
// messages and behind all that were received before; requests to an endpoint about one
// sensor are done in the order in which they came. Answers go out on the connection
// that results go out on: whoever takes both on one connection has, with the answer that
// learning was frozen, all features that were found before. A request that does not get
// its turn in time is answered 504 and not done later.
//
// # Errors
//
// An answer with the headers Nats-Service-Error-Code and Nats-Service-Error is one:
//
//	400  the request cannot be read, or says what it must not
//	404  the daemon would serve such a sensor, but none has appeared
//	409  the sensor has no pipeline, or no event has come yet
//	413  the answer is larger than the server takes
//	500  what should work did not
//	503  too many requests wait, or the daemon is stopping: ask again
//	504  the sensor had too much to do before
//
// # Several daemons on one NATS
//
// They divide sensors by the names that they accept (ingest.sensors.accept). There is
// no queue group, which would give a request to any of them: all receive it,
// and only the one that accepts the sensor's name answers. Requests that name no
// sensor, and those that cannot be read, are answered by all. A name that no
// daemon accepts is answered by none, so that the request comes to the end of its time.
package control
