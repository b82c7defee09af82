// Package objects writes objects into JetStream's object stores, in their format (NATS' ADR-20), so that whoever
// reads one gets the one before or the new one, and can tell between which of them it stood.
//
// An object's parts are messages on $O.BUCKET.C.ID, and a message on $O.BUCKET.M.NAME names them. The library's Put
// sends everything before it knows what was stored: where a limit refuses a part, the small message that names the
// new object can still be taken, and then the old object is gone and the new one has no end. (Its asynchronous
// publisher also leaves a goroutine behind now and then.) Here it is a publish at a time.
package objects
