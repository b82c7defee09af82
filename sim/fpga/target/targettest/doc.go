// Package targettest has a link to a simulated device that goes wrong once, at a call that a test chooses, and a
// target whose layers are behind it. It is for tests and imported by nothing else.
package targettest
