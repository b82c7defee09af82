// Package hwtest is the conformance suite that every target of package hw
// passes: the same bits as the definition, whatever the lengths, the places in
// memory and the values.
//
// [Kernels] takes the inner loops of a CPU target and compares each with a
// definition written here from the formulas of package hw, in plain Go and
// without a thought for speed. Every slice is handed over once with an
// unreadable page right behind it and once with one right before it, so that a
// kernel that reads or writes beyond a slice faults and is reported, with the
// slice and the distance. Of Run, which may take events in batches and must not
// show it, the definition takes them one by one; behind every call all that a bank
// holds is compared. [FuzzKernels] does the same with input that a fuzzer chooses.
//
// The suite's own tests run it on kernels that are wrong in one way each, and see
// that it says so: a kernel with a new kind of mistake belongs there first.
//
// [Layer] takes two implementations of a whole layer and compares them result by
// result and, at the end, state by state: over streams with gaps of hours, times
// that run back and events outside the sensor, in packets of any size, with
// learning switched and surfaces reset on the way, and with the state carried
// from one into the other in mid-stream.
//
// [Engine] takes the engines of a target with devices of its own ([hw.Opener]) and compares them with the definition,
// [NewEngine]: over layers of random configurations that the device can hold, with commands, modes, rates and states put
// in on the way.
//
// [Targets] runs a test on every registered target that the machine can use, and
// fails when one of them was left out.
//
// The package is for tests and is imported by nothing else.
package hwtest
