// Package target registers the target fpga-sim: layers on a simulated accelerator, package sim/fpga's cycle by
// cycle model, which the host drives through its registers and streams as it would a board. It is there for trying
// what a device does before there is one, and is far slower than any CPU target, so that it is never chosen where
// none is named.
//
// What the device does not take is computed by the fastest CPU target: the layers behind the first of a stack,
// whose surfaces have a plane for every feature, and delta networks.
package target
