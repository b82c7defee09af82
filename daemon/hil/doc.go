// Package hil makes hardware-in-the-loop runs: a device for FEAST layers, saccade's own (sim/fpga's model in this
// process, or a device at the other end of a link) or somebody else's with the same registers and streams, is told a layer,
// sent events, and every answer is compared with what the reference says.
//
//	run file ─▶ Config ─▶ events ─▶ Host ─▶ words ──┬─▶ faults ─▶ link ─▶ device ─▶ link ─▶ faults ─▶ answers ─┐
//	                        │                       │                                                         ▼
//	                        └─▶ features/feast ═══▶ └─▶ Golden ─────────────────────────▶ what is expected ═══▶ Report
//
// A [Config] is what a run file holds ([Load], [Example]); [Run] makes the run and gives a [Report]: text, JSON, JUnit XML
// and a page. [Test] is the same within a test. [Record] writes what a device is sent and must answer into files
// for test benches that run no Go, and [Vectors.Play] does what such a bench does.
//
// # What is compared
//
// [Golden] takes the words that are sent and gives, by the kernels of a processor, the answer to each event: winner,
// dot product and norm, which the device tells of every event (FlagDetail). It is stepped beside features/feast's own
// layer: where the two do not say the same, the run ends with an error, as that is not the device's fault. In the end
// weights, thresholds and surface are read back. By default all of it must be the same to the bit; a tolerance is for
// devices with another arithmetic.
//
// # Batches
//
// Events go out in batches, with a mark behind each: when it is answered, all events are. Then the device is asked for
// its counters and its error register. Where words are missing, the device is brought back into step by a word that ends
// whatever it is in the middle of and by another mark, and the answers are found again by the numbers in them.
//
// # What the first mismatch tells
//
// The event with its words, its patch, the expected dot products and limits of all neurons, the device's registers,
// and what of its memories is wrong behind the batch; and at the end of the run, without faults, the device is given
// the reference's memories from ahead of that batch and the batch once more. If it is wrong again, it computes wrongly;
// otherwise what it held was wrong, or the link was.
//
// # Faults
//
// What goes wrong on purpose is a [Fault] of a kind that [RegisterFault] has made known: one that wraps the link
// ([LinkFault]), one that touches the device's memories through its registers between two events ([EventFault]), or one
// that does something to the model itself ([ModelFault]). The report tells of each how often it struck, in how many
// batches, in how many of those anything was found wrong, and at which event and how it was found first. Where a
// batch that was struck shows nothing, the fault has changed no answer in it; what it has left in the memories is found
// later, or at once where they are compared behind each batch.
//
// Words and the link go wrong by package sim/link, the model by sim/fpga's Inject. [FaultTable] tries every kind, at places
// drawn from seeds, on a run and on the driver of the product, which has no reference: features/feast on hw/fpga's
// engine. It tells by what each is found and how soon, which may be missed by the driver and why, and makes sure that what
// comes behind the driver's fall back to a processor is right to the bit.
//
// # Vectors
//
// [Record] needs no device: what it writes is a folder with manifest.json and files of words, one a line in hexadecimal, as a
// bench in SystemVerilog reads them:
//
//	logic [31:0] stimulus [WORDS];                  // as many as the manifest says
//	initial $readmemh("stimulus.hex", stimulus);
//
// A bench writes config.hex to the registers, address and value in turn, waits until the device is idle, writes
// weights_in.hex and thresholds_in.hex through the window from place 0 on, sends stimulus.hex at whatever pace, and must
// be answered by expected.hex. The last words are a mark; behind its answer the window must show weights_out.hex,
// thresholds_out.hex and surface_out.hex. [Vectors.Play] does so with any device.
//
// # Latency
//
// Cycles of the device are counted at its pins, where the link lets them be seen ([Clocked]): from the cycle in which
// an event's last word is taken to the one in which its result is there. Sent as fast as they are taken, events wait
// in the input FIFO most of that time; paced, they do not. Time on the host is counted apart; of a model in this process
// it is the time of the simulation.
//
// Runs are the same every time but for the clock on the wall: they depend on their files and seeds alone. A run has no
// goroutines.
package hil
