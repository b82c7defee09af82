// Package fpga is saccade's accelerator for FEAST layers, cycle by cycle: what a design in
// SystemVerilog with the same registers does in every one of its cycles, and to the bit
// what hw/cpu's purego computes. It is a design as much as a program; this page is the
// specification that both follow. How fast it is, it counts itself: see [Report].
//
// # What is where
//
//	words in                                                                    words out
//	   │   ┌──────┐   ┌───────┐   ┌─────────┐   ┌───────┐   ┌──────────┐  ┌────────┐ ▲
//	   └──▶│ FIFO │──▶│ parse │──▶│ surface │──▶│ decay │──▶│ contexts │  │ writer │─┘
//	       └──────┘   │ a, b  │   │ banks   │   │ turn  │   │  8 slots │  │  FIFO  │
//	                  └───────┘   └────┬────┘   └───┬───┘   └─┬──────┬─┘  └────────┘
//	                                   │ tokens     │squares  │      │         ▲
//	                                   ▼            ▼         ▼      │    ┌──────────┐
//	                              ┌─────────┐  ┌────────┐ ┌───────┐  │    │ decision │
//	                              │  order  │  │  norm  │ │ lanes │  │    │ limits   │
//	                              │  queue  │  │  scale │ │  MAC  │──┼───▶│ compare  │
//	                              └─────────┘  └────────┘ └───┬───┘  │    └────┬─────┘
//	                                                          │      ▼         ▼
//	                                             ┌────────────┴───┐ ┌──────────────┐
//	                                             │ match weights  │◀│ learning, and│
//	                                             │ master weights │ │ correction   │
//	                                             └────────────────┘ └──────────────┘
//
// All of it is one clock domain. Each memory has one read and one write port, a read that
// is seen in the cycle behind its address, and gives the old value where the same word is
// written in the same cycle. Nothing is combinational from one pin to another.
//
// With B = [Build].Rows, L = Lanes, G = L/B, N = Neurons (of each of two banks) and P =
// ceil(configured neurons / G) passes; S is the configured side of the patch:
//
//	memory                  words           bits a word  read by / written by
//	input FIFO              In              32           parse / pins
//	surface, B of them      Cells           31           surface / surface
//	contexts, 3 copies      8*B             16*B         lanes; learning; correction / decay
//	sums and recent counts  8               32+10        norm / squares
//	norms; factors, shifts  8               20; 16+5     decision, learning / norm; scale
//	order queue             16              see token    lanes / surface
//	decision queue          4               see token    decision / lanes
//	match weights           2*ceil(N/G)*B   16*L         lanes / learning, a lane group enabled
//	master weights          2*N*B           32*B         learning / learning
//	squares                 2*N             32           learning / learning
//	thresholds              2*ceil(N/G)     32*G         decision, learning / learning
//	dot products            2*ceil(N/G)     32*G         decision / lanes
//	limits                  ceil(N/G)       52*G         decision / limits
//	result FIFO             Out             32           pins / writer
//
// Learning reads thresholds only in cycles in which no row of limits is begun. The window of the
// registers uses the ports while the device is idle; for it, the decision keeps which dot
// product of its last event was corrected, and to what, as the row itself stays as the
// lanes have written it. registers.go has the map.
//
// # The streams
//
// An event is SPIF's word, as AEStream sends it, little-endian on a link: bit 31 clear where
// a time word follows; x in 30..16; polarity in 15; y in 14..0. Without a time word, the event
// has the stamp of the one before. The time word is a stamp, at most hw.MaxStamp; the device
// knows no clock. x and y both 32767 announce a command, which is the next word:
//
//	31..24  23..0
//	0xxxxxxx xxxxxxxx  rebase: that is taken off all stamps, which stop at 0
//	0x80               clear: the surface becomes 0
//	0x81    tag 15..0  mark: it is answered behind all earlier events
//	0x82    bits 1..0  mode: learning (0), selecting (1) from here on
//
// A result is a word: the event's number in 31..16, its winner in 15..0, counted over both
// banks, or one of hw's answers, or [Refused]. The answer to a mark has the tag in 31..16 and
// -32768 in 15..0. With FlagDetail, every event's word is followed by the dot product of
// its winner, or 0, and by its norm.
//
// Both ends have valid and ready. Where a flag says so, what does not fit is dropped, whole,
// and counted; and because an event without a time word takes that of the one before, all
// such are dropped as well from a dropped stamp to the next that is taken.
//
// [Host] decides on stamps: it clears where time runs back by more than the horizon, and
// rebases before stamps leave their range, so that the stamps are those of features/surface.
//
// A build with Checks has three registers more, from hw/fpga's RegChecks on: the CRC-32 of all words that crossed the
// input pins, and of all that crossed the output pins, each of them taken in the cycle in which its word crosses (dropped
// words among them). They are cleared with the counters and by a configuration, and touch nothing else: a build without
// is the same in every cycle, and has no registers there. A host compares them behind each mark.
//
// # The pipeline
//
// Cycles are counted from the one in which a unit reads its first column; t+n means that
// many cycles on. All numbers are constants in timing.go.
//
// Parse. A word a cycle, so an event takes one cycle or two. Stage a holds it, stage b has
// found its bank, y mod B, and line, y div B, by a product with a constant, and what becomes
// of it: Outside, Ignored, Refused, Border, or it competes.
//
// Surface. Row y of a plane lies in bank y mod B at (plane*ceil(height/B) + y div B)*width +
// x, so the rows of a patch lie in different banks, and a column of it is read in a cycle: S
// cycles an event that competes, one for any other. The stamp is written in the cycle in which
// the first column is read; the event's own cell is given age 0 by a multiplexer. All later
// reads see it, those of the next event in particular. Cells beyond the border read as 0.
// Clearing takes as many cycles as a bank has cells in use, rebasing two more. Every event
// leaves a token in the order queue, in the order of the stream: whether and where it
// competes, learning and selecting as they are at that point, or its answer.
//
// Decay. A unit a bank: cell out (t+1), age and units (t+2), units*rate (t+3), three
// steps of the polynomial (t+4 to t+6), value (t+7), turned by a barrel shifter from bank to
// patch order (t+8); hw.Decay has the arithmetic. The column is written to its slot in t+8
// and can be read from t+9 on. Squares are multiplied in t+8, added in t+9, accumulated in
// t+10, and recent elements counted with them. It never stops once a patch is begun: a
// patch is begun only where one of the eight slots is free.
//
// Norm and scale. Two restoring dividers of two bits a cycle: loading, then 10 cycles for the
// root of sum<<8 (20 bits); loading, then 9 for 2^35/(norm<<shift) (17 bits, saturated to
// 16), which is hw.Scale's factor. They pass over events that do not need them.
//
// Lanes. L multipliers of 16x16 bits take a column of the context and of G neurons a cycle, P
// times S cycles an event, event behind event without a gap: operands (t+1), products, three
// sums of the B products (t+2), accumulators (t+3); the row of G dot products is written
// behind its last column, in t+4. There is room for the rows of two events: of the one that is
// decided and of the next. An event known for noise by then is not matched.
//
// Decision. Takes tokens one by one: a cycle to load, a cycle to check, which is all that an
// event that does not compete costs. Else each row of thresholds becomes limits: read (t+1),
// plus the bank's offset, times the norm in two cycles, written in t+4; and each row of dot
// products is compared with it, dot<<13 >= limit: read (t+1), compared, two levels of a tree,
// of which the last keeps the best of all rows (t+3). The last cycle joins that with the
// corrected dot product and decides.
//
// A missed event lowers the bank's offset, one register: a threshold is the sum of the
// two, modulo 2^32. A won one reads and writes its neuron's threshold in the two cycles behind.
//
// Learning. Cycle 0 is the first in which the decision is seen. The pull (hw.NewPull) takes cycles
// 0 to 4, a product in each of 0, 2 and 3. Column j of the master weights and the context is
// read in 2+j; in 3+j w is rounded and c normalised, in 4+j they are subtracted; 5+j has the
// products d*rate and w*renormal, 6+j their sum with the rounding, 7+j the shift and the new
// master weight, 8+j its match weight; in 9+j both are written. The new w is squared, and
// multiplied with the next event's context, in 9+j; both are added in 10+j and accumulated in
// 11+j, and stand in 12+j. Two decisions that learn are S cycles apart at least, so that there
// is one event in each stage; and 12, which is what a decision takes.
//
// # Hazards
//
// Surface: the stamp of an event is written before the next one's patch is read. Clear and
// rebase are done before the next event begins, and behind the reads of the one before.
//
// Weights: an event is matched while its predecessor is decided and learned. Let A be the
// event that learns, of neuron k; the next one that competes, if it is of the same bank, is
// corrected: its dot product with k is computed again from the columns that A writes, and k
// is left out of its comparison until then. Decisions are 12 cycles apart where they learn, so
// all of what was learned before A is written. That is right however the reads of the lanes fall
// among A's writes, for they differ in neuron k only. It must be known, and its context
// be there, when column 0 is read again, in cycle 8 of A: so the next event is corrected where
// its matching begins before cycle 8, and waits where it would begin in 8 or 9; from 10 on, it
// reads each column behind its writing. Any other event of the bank waits until cycle 10.
// Events of the other bank neither wait nor are corrected.
//
// Thresholds: limits of an event are not begun before cycle 2 of the decision before.
//
// Squares: written in cycle 11+S of A, in which the corrected event is decided at the
// earliest; it reads them in the next.
//
// Master weights: a neuron can learn again 12 cycles later at the earliest: its column j is
// read 5 cycles and more behind its writing.
//
// Slots: one is free again with the decision, or when learning has read its last column.
//
// So a chain of events of one bank, all learned from, takes 12+S cycles an event, 23 of 11x11,
// and 15 where they are of both banks in turn. What is missed takes 12, and so does what is
// selected without learning; the nearest feature takes the S cycles of the surface and of the
// lanes, or 7. What has no patch takes 2. A lone event of 11x11 is answered 46 cycles behind its
// last word where it is learned from, 45 where it is selected, 32 where the nearest feature
// wins, and 7 where it has no patch.
//
// # Faults
//
// [Device.Inject] damages a device on purpose: bits of its memories, a multiplier, its clock, its input's pin, all of it.
// A device that has none is what this page says; so is one whose faults have not struck yet, in every cycle.
//
// # How the model is made
//
// [Device] has the control registers of the design, each as it is in every cycle, and computes
// the next state from the current one: no unit sees what another does in the same cycle.
// The data path it computes in blocks: a context when its first column is read, dot products
// when matching begins, a learning step with its decision. The rules above are what makes
// that the same; the literal model in this package's tests has every register of the
// data path, and has the same pins in every cycle.
//
// # The delta engine
//
// A build may have a delta engine: what changed in the inputs of a layer of a delta network (features/delta) is
// multiplied with its weights, on the multipliers that match, and added to the layer's sums, modulo 2^32. What
// the sums become is left to the host. FEAST's memories are too small for layers: it has its own, Weights and Sums
// of [Build], in which several layers lie behind each other, and hw/fpga/deltaregisters.go has its registers.
//
//	memory                  words           bits a word  read by / written by
//	weights                 Weights         16*L         lanes / window
//	sums                    Sums            32*L         lanes, sender / lanes, each of nine blocks at its own address
//	touched                 Sums            9            sender / lanes, sender, each bit for itself
//	layers                  32              see below    delta engine / registers
//
// An adder of 32 bits follows each multiplier, as FPGAs have in the same slice; FEAST has no use for it.
//
// A layer is described by its kind, the channels, height and width of its input, the channels of its output, stride and
// padding, and the first word of its weights and of its sums. Inputs and outputs are numbered [row][column][channel].
// Applying a configuration makes both memories 0 and forgets the layers; a device takes no words without one, so that a host
// that wants the delta engine alone configures the smallest layer of FEAST there is.
// With C inputs or input channels, M outputs or output channels:
//
//	kind     lanes of a word                         weights                    sums
//	linear   L outputs                               C * ceil(M/L)              ceil(M/L)
//	3x3      9 blocks of K = floor(L/9) channels     C * ceil(M/K)              tiles * ceil(M/K)
//
// The nine blocks of a word of weights are the elements of the kernel, row by row; those of a word of sums are the outputs
// of a tile, 3x3 of them: output (y, x) is in block y mod 3 * 3 + x mod 3 of tile (y div 3, x div 3). Any 3x3 outputs
// that lie side by side are in blocks of their own, whichever tiles they are in, so that a change of one input meets all
// of its outputs in one cycle: up to nine, or four with a stride of 2. What lanes are left over by the
// division by nine, what channels a word has more than the layer, and blocks that an input does not reach, do nothing.
//
// The streams. Three commands more, where l is a layer's number:
//
//	31..24  23..0
//	0x83    l 7..0                changes: words are changes of the layer's inputs from here on
//	0x84    touched 8, l 7..0     sums: they are sent, all or those of words and blocks that were touched since
//	0x85    l 7..0                zero: the layer's sums become 0, and count as not touched
//
// A change is a word, the input's number in 31..16 and by how much it rose in 15..0, signed. 32767 is no change, so
// that none is 0x7fff7fff, which announces a command as ever, and every command ends the changes. Sums come as
// a header, the number of the word among the layer's in 31..16 and its blocks in 8..0 (of a linear layer, bit 0), and then
// the sums of these blocks, channel by channel, as many as there are; behind the last comes the number of headers, modulo
// 2^16, in 31..16, with 0 in 15..0. Sending sums makes them not touched. Changes and sums are never dropped: with
// either flag they wait. Where a command 0x83 itself is dropped ahead of the FIFO, so is all up to the next command,
// and counted.
//
// A layer that is not described, and a change of an input that the layer does not have, are errors of the stream; such
// changes do nothing and are counted, and sums of such a layer are an end alone.
//
// The order is that of the stream. A change waits for the lanes until all events ahead of it are matched: order queue empty,
// no column to be read. Whatever follows changes leaves stage b when the last word of the last one is issued: so no event
// waits in the order queue for a change, nor the other way round. Sums are begun when all that is ahead is answered,
// and what is behind waits until their end is in the result FIFO, which the writer has no use for meanwhile.
//
// A change goes from stage b through three registers, a cycle each where the next is free. Between them its input
// becomes a pixel and a channel, by a product with a constant of 33 bits; then the pixel a row and a
// column, by another; from these follow, of each block, whether there is an output for it, under which element
// of the kernel, and where its sums are. Out of the third a word of weights is issued a cycle, ceil(M/L) or ceil(M/K) of
// them, and the next change in the cycle behind. Of a word issued in t: weights are read and seen in t+1, in which each
// block takes that of its element, one of nine; products in t+2, in which the sums are read; added in t+3, written in t+4.
//
// Hazard: of a word's sums, the two words issued ahead may not be written yet. Each block compares its address with those
// of the two, and takes what was added up instead, the latest first. So a layer of one word takes a change a cycle. The
// sender begins when no word is on its way.
//
// Sending: the first word and its bits are read in the cycle in which the command is taken; a cycle looks at one, which
// is all that a word with nothing to send takes. Else its header is sent in that cycle, its bits are cleared, and its
// sums follow, one a cycle; behind the last, the next word is looked at. The end takes a cycle. Whatever is sent
// waits for room. Zero takes as many cycles as the layer has words of sums.
//
// What limits it: changes come in a word a cycle, and sums leave in a word a cycle. A linear layer's changes touch all of
// its sums, which is little beside what they add; a convolution's few changes touch many sums, and then sending takes longer
// than adding. Turning sums into levels on the device, and sending those alone that changed, is not there.
//
// # What is not there yet
//
// Levels on the device: see above. Lanes with several inputs of a layer of few outputs. Layers of more planes than the two
// banks' (features of a layer before), and patches larger than B.
package fpga
