// Package soak has a daemon work for as long as one likes while things go wrong about it: sensors
// come and go, and send what cannot be read, comes twice, is missing, or whose clock steps; the
// NATS server ends and comes back, half of the times without a warning; a second daemon that shares
// the sensors is killed and started again. At the end every event that was sent must be accounted
// for, the results be those of an offline pipeline over the stream's messages, bit for bit, and
// memory and goroutines of the daemon that was there all the time be flat.
//
//	go test ./benchmarks/soak -v                    half a minute
//	go test ./benchmarks/soak -v -timeout 5h -for 4h
package soak
