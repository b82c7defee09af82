// Package checkpoint keeps the states of pipelines in a JetStream object store, so
// that a daemon that is stopped and started goes on where it was. An object is
// replaced whole; NATS checks its digest when it is read.
package checkpoint
