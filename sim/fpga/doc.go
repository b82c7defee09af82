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
// # How the model is made
//
// [Device] has the control registers of the design, each as it is in every cycle, and computes
// the next state from the current one: no unit sees what another does in the same cycle.
// The data path it computes in blocks: a context when its first column is read, dot products
// when matching begins, a learning step with its decision. The rules above are what makes
// that the same; the literal model in this package's tests has every register of the
// data path, and has the same pins in every cycle.
//
// # What is not there yet
//
// The delta engine: it will be given the lanes, the weight memory and the accumulators while
// the order queue is empty. Layers of more planes than the two banks' (features of a layer
// before), and patches larger than B.
package fpga
