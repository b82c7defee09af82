// Package fpgaserve puts an accelerator behind sockets, as hw/fpga/remote speaks to one: registers by Etherbone over
// TCP, and UDP where asked for, and the two streams of words over a TCP connexion of their own. The device is the model of
// sim/fpga, or anything else that has its pins.
//
//	hosts               connexions                  one goroutine
//	registers ────────▶ etherbone ──── requests ──▶ ┌───────┐ clock
//	                                                │ owner │───────▶ the device
//	streams ──────────▶ reader ──▶ ring of words ─▶ │       │◀─────── its pins
//	        ◀────────── writer ◀── ring of words ◀─ └───────┘
//
// The owner alone touches the device. It gives it a clock for as long as anything is under way in it, and lets it rest
// otherwise: cycles that the device counts are cycles in which it had something to do, or waited for a host that does
// not take its results. A request waits for the end of some hundred cycles at the most, and sees a device that has come to
// rest unless words wait for it.
//
// One host at a time has the streams. Another waits for a second, in case the first is just going, and is told then that
// the device is busy. When a host closes its half of the connexion, the results of what it has sent are still sent, and
// then the other half is closed; when the connexion is lost, what is under way is thrown away and the device brought to rest.
// Registers are any host's, up to a number of connexions.
//
// Rings are bounded: a host that takes no results stops the device, and then the words that it sends are not taken
// either, unless the configuration says that the device drops what does not fit.
//
// There are no credentials in these protocols. So nothing listens beyond this machine unless Options say Insecure.
package fpgaserve
