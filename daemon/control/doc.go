// Package control lets a running daemon be asked and told things over NATS: a service
// named saccade by the conventions of NATS' micro services (ADR-32), so that
//
//	nats micro ls
//	nats micro info saccade
//	nats req saccade.control.learning '{"sensor":"cam1","learning":false}'
//
// find it and use it. The endpoints, under the configured prefix:
//
//	PREFIX.control.sensors   the sensors that the daemon serves
//	PREFIX.control.sensor    all that can be seen of one: status, pipeline, stream, checkpoint
//	PREFIX.control.history   the signals of a sensor's learning over its stream
//	PREFIX.control.model     what a sensor has learned, a model file
//	PREFIX.control.learning  freezes a sensor's learning, or has it go on
//	PREFIX.control.anneal    changes its learning rates
//	PREFIX.control.load      puts a model from an object store in the place of what it learned
//	PREFIX.control.upload.ID takes a model in parts and stores it in an object store, see below
//	PREFIX.control.snapshot  stores its state now
//	PREFIX.control.drain     processes what was accepted, stores the state, puts it away
//	PREFIX.control.pipeline  gives it another pipeline of the configuration, by its name
//	PREFIX.control.reload    reads the daemon's configuration again, all of it or nothing
//
// Requests and answers are JSON, but for the model. A request is a small object,
// refused where it has anything that is not known: a misspelt field must not look
// as if it had done something.
//
// # Changes
//
// A change is made between two messages: what was received before is processed as before,
// what comes behind as asked for, and nothing is lost or processed twice. It is in the
// sensor's state when it is answered where messages come from a stream, so that whoever takes
// the sensor over goes on with it; elsewhere with the next state that is stored. What is refused has
// changed nothing.
//
// A model is read whole, checked against its digest and for itself, and then against the
// sensor: its size in pixels must be the sensor's, and its number of layers and features and
// its labels those that the sensor has, unless the request allows others (reshape).
//
// Changed rates leave weights, thresholds, surfaces and counts as they are; the history of
// learning begins anew. Another pipeline goes on with what was learned where it starts from
// the same layers, pooling and model. Where it does not, it takes over the place in the
// stream, the decoder and the counters, and the former state is kept beside, as
// SENSOR.unused in the object store PREFIX-state.
//
// A drained sensor is not held off: it stays its daemon's, and is there again with its next
// message. To keep one away, take its name out of ingest.sensors.accept and reload.
//
// # Uploads
//
// A model goes to the object store PREFIX-models through the daemon, so that whoever may control it needs no right to
// JetStream: these would reach other streams. ID is the daemon's, as the answers of sensors and sensor have it
// (instance), so that all parts come to the same one; which one that is does not matter. A request has a part:
//
//	{"upload": "u1", "name": "gates.model", "size": 1000000, "digest": "SHA-256=...", "offset": 0, "data": "BASE64"}
//
// upload is chosen by the sender, another one for each model; all but offset and data are the same in all parts. The
// answer says how many bytes are here (received), which is the offset of the next part. A part that is here already
// is answered so and changes nothing, so that whoever gets no answer sends it again; one that leaves a gap is refused
// with the offset that was expected. With the last part the digest is checked and the model is read as a whole, and only
// then is it stored: whoever reads the name gets the object before or the new one. That answer has stored true.
//
// A name that is there stays what it is: the same model is answered as stored at once, and another one is refused,
// unless the request says replace.
//
// Parts have up to [MaxPart] bytes, models up to [MaxModel]. Four uploads may be open at a time, of as many bytes together
// as the largest model has; one that is not continued for a minute ends. The object store has room for [MaxModels], where
// the daemon makes it; who makes it otherwise sets another bound. A model that replaces one needs room beside it.
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
// An answer with the headers Nats-Service-Error-Code and Nats-Service-Error is one. Where
// there is more to say than a header holds, all of it is the answer's data.
//
//	400  the request cannot be read, or says what it must not
//	404  the daemon would serve such a sensor, but none has appeared; no such object, or upload
//	409  it does not fit: the sensor has no pipeline, was put away, or no event has come
//	     yet; no daemon has it, and there are checkpoints of it; the model is another
//	     sensor's, or damaged; another model has its name, or the part is not the next one;
//	     the configuration cannot be applied
//	413  the answer is larger than the server takes
//	500  what should work did not
//	503  too many requests wait, the daemon is stopping, or the sensor has become another
//	     daemon's: ask again
//	504  the sensor had too much to do before; the object store was too slow
//	507  the object store of models is full
//
// # Several daemons on one NATS
//
// They divide sensors by the names that they accept (ingest.sensors.accept), or share them
// (package cluster). There is
// no queue group, which would give a request to any of them: all receive it,
// and only the one that accepts the sensor's name answers. Of those that share sensors the
// one that has it answers; where none has, the others look that up in PREFIX-sensors and
// answer 404, so that nobody waits in vain. Requests that name no
// sensor, and those that cannot be read, are answered by all; a part of a model by the one that it is sent to. A name that no
// daemon accepts is answered by none, so that the request comes to the end of its time.
package control
