// Package demo tells the whole story on one machine: recordings go through NATS
// into a daemon that learns features from them as they come, a readout is trained
// on the features that come back, and the daemon then names the digits of
// recordings that nothing has seen before.
//
// It is a client like any other: what it knows of the recordings' features and
// labels came over NATS. Only freezing the features and handing the trained
// readout to the pipeline are calls within the process.
package demo
