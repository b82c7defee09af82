package fpga

// The latencies of the pipeline in cycles. They are part of the design: a twin in
// SystemVerilog has a register for each, and the literal model of the tests computes
// every stage. "Seen" means what a register holds from its clock edge on.
const (
	// A column whose cells are read in cycle t is written to the context memories in
	// t+fillLatency: cells out of the banks, age, rate, three steps of the polynomial,
	// value, turned to patch order.
	fillLatency = 8
	// Its squares are multiplied in that cycle, added in the next and accumulated in the
	// third; the sum of the last column's is seen in t+sumLatency+1.
	sumLatency = fillLatency + 2

	// rootSteps and scaleSteps are the cycles in which two bits each of the norm (20 bits)
	// and of the scale's factor (17 bits) are found.
	rootSteps  = 10
	scaleSteps = 9

	// Of a column whose weights are read in cycle t, products are made in t+1, added to
	// three sums in t+2, accumulated in t+3, and in t+matchLatency, behind the last
	// column, the row of dot products is written.
	matchLatency = 4
	// A row of thresholds read in t is added to the bank's offset in t+1, multiplied with
	// the norm in t+2 and t+3, and written in t+limitLatency.
	limitLatency = 4
	// A row of dot products read in t is compared with its limits in t+1, and its best is
	// found in t+2 and t+3: seen in t+compareLatency+1.
	compareLatency = 3

	// In the cycles behind a decision, the first in which it is seen being 0:
	// pulls are computed in 0 to 4, the first column of the master weights is read in
	// learnRead, its products are made in 5, added in 6, shifted and added to the master
	// weight in 7, rounded in 8, and in learnWrite the column is written to both weight
	// memories and multiplied with the next event's context, which was read in 8.
	learnRead  = 2
	learnWrite = 9
	// An event whose matching begins before learnJoin is corrected: that is known in the
	// cycle in which the first column of its context must be read again.
	learnJoin = learnWrite - 1
	// The products of the column are added up in 10 and 11: behind side columns, the
	// corrected dot product is seen in cycle correctionReady+side, and the sum of squares
	// is written in it.
	correctionReady = 11
	// Two decisions that learn are at least decideLatency cycles apart, for limits are
	// made of what the first has left of the thresholds: to load, to check, the limits and
	// the comparison with them, to decide. It is more than learnWrite, which keeps the
	// matching of an event from what its last predecessor but one still has to write.
	decideLatency = 2 + limitLatency + 1 + compareLatency + 2

	// rebaseDrain is how many cycles a cell needs from being read to being written.
	rebaseDrain = 2

	slots         = 8  // contexts between the surface and their end, a power of two
	orderLength   = 16 // tokens that wait to be matched
	decideLength  = 4  // tokens that wait to be decided
	matchedAhead  = 2  // rows of dot products: of the event to be decided, and of the next
	longLearnt    = 255
	configureWipe = 4 // cycles around the wiping of the memories
)

// Decisions that learn are far enough apart.
var _ [decideLatency - learnWrite - 1]struct{}
