// Package serve puts a daemon together from its configuration: the embedded NATS
// server or a connection to another one, the store of states, the service with a
// pipeline a sensor, and beside it control over NATS and metrics over HTTP.
package serve
