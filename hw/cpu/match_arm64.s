//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// The match, 4 neurons with 4 contexts at a time.
//
//	V0..V3    8 weights of each of the neurons
//	V4..V7    8 elements of each of the contexts
//	V16..V19  the sums of the first neuron's products, a register a context
//	V20..V31  those of the other neurons
#define DOTS R0
#define WEIGHTS R1
#define CONTEXTS R2
#define GROUPS R3 // of 4 neurons
#define BLOCKS R4 // of 8 elements
#define ROW R5 // of weights, in bytes
#define SPACE R6 // of a context, in bytes
#define DOT_ROW R7 // in bytes
#define WEIGHTS0 R8
#define WEIGHTS1 R9
#define WEIGHTS2 R10
#define WEIGHTS3 R11
#define CONTEXT0 R12
#define CONTEXT1 R13
#define CONTEXT2 R14
#define CONTEXT3 R15
#define LEFT R16 // blocks
#define OUT R16

// NEURON adds the products of a neuron's weights, in register w, to its sums from
// register d on.
#define NEURON(d, w) \
	SMLAL_4S(d, w, 4)      \
	SMLAL_4S((d+1), w, 5)  \
	SMLAL_4S((d+2), w, 6)  \
	SMLAL_4S((d+3), w, 7)  \
	SMLAL2_4S(d, w, 4)     \
	SMLAL2_4S((d+1), w, 5) \
	SMLAL2_4S((d+2), w, 6) \
	SMLAL2_4S((d+3), w, 7)

// DOTS4 reduces the sums of the four neurons with one context to d.
#define DOTS4(d, a, b, c, e) \
	VADDP b.S4, a.S4, a.S4 \
	VADDP e.S4, c.S4, c.S4 \
	VADDP c.S4, a.S4, d.S4

// neonMatch is the body of matchNEON, for assembly: its arguments are in R0 to R7. It
// leaves R19 to R26 as they are.
TEXT neonMatch(SB), NOSPLIT, $0-0
group:
	MOVD WEIGHTS, WEIGHTS0
	ADD  ROW, WEIGHTS0, WEIGHTS1
	ADD  ROW, WEIGHTS1, WEIGHTS2
	ADD  ROW, WEIGHTS2, WEIGHTS3
	ADD  ROW, WEIGHTS3, WEIGHTS
	MOVD CONTEXTS, CONTEXT0
	ADD  SPACE, CONTEXT0, CONTEXT1
	ADD  SPACE, CONTEXT1, CONTEXT2
	ADD  SPACE, CONTEXT2, CONTEXT3
	MOVD BLOCKS, LEFT
	CLEAR4(V16, V17, V18, V19)
	CLEAR4(V20, V21, V22, V23)
	CLEAR4(V24, V25, V26, V27)
	CLEAR4(V28, V29, V30, V31)

block:
	VLD1.P 16(CONTEXT0), [V4.H8]
	VLD1.P 16(CONTEXT1), [V5.H8]
	VLD1.P 16(CONTEXT2), [V6.H8]
	VLD1.P 16(CONTEXT3), [V7.H8]
	VLD1.P 16(WEIGHTS0), [V0.H8]
	VLD1.P 16(WEIGHTS1), [V1.H8]
	VLD1.P 16(WEIGHTS2), [V2.H8]
	VLD1.P 16(WEIGHTS3), [V3.H8]
	NEURON(16, 0)
	NEURON(20, 1)
	NEURON(24, 2)
	NEURON(28, 3)
	SUBS   $1, LEFT
	BNE    block
	DOTS4(V0, V16, V20, V24, V28)
	DOTS4(V1, V17, V21, V25, V29)
	DOTS4(V2, V18, V22, V26, V30)
	DOTS4(V3, V19, V23, V27, V31)
	ADD    DOT_ROW, DOTS, OUT
	VST1.P [V0.S4], 16(DOTS)
	VST1   [V1.S4], (OUT)
	ADD    DOT_ROW, OUT
	VST1   [V2.S4], (OUT)
	ADD    DOT_ROW, OUT
	VST1   [V3.S4], (OUT)
	SUBS   $1, GROUPS
	BNE    group
	RET

// func matchNEON(dots *int32, weights, contexts *int16, groups, blocks, row, space, dotRow int)
TEXT ·matchNEON(SB), NOSPLIT, $0-64
	MOVD dots+0(FP), DOTS
	MOVD weights+8(FP), WEIGHTS
	MOVD contexts+16(FP), CONTEXTS
	MOVD groups+24(FP), GROUPS
	MOVD blocks+32(FP), BLOCKS
	MOVD row+40(FP), ROW
	MOVD space+48(FP), SPACE
	MOVD dotRow+56(FP), DOT_ROW
	CALL neonMatch(SB)
	RET

// neonDot is one dot product, for assembly: R0 is a row of weights, R1 a context, R2
// their blocks of 8; R0 is the dot product then. It leaves R2 to R26 as they are, but
// for R3.
//
//	for j := range 8 * blocks {
//		dot += int32(weights[j]) * int32(c[j])
//	}
TEXT neonDot(SB), NOSPLIT, $0-0
	MOVD R2, R3
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16

block:
	VLD1.P 16(R0), [V0.H8]
	VLD1.P 16(R1), [V1.H8]
	SMLAL_4S(2, 0, 1)
	SMLAL2_4S(3, 0, 1)
	SUBS   $1, R3
	BNE    block
	VADD   V3.S4, V2.S4, V2.S4
	VADDV  V2.S4, V2
	FMOVS  F2, R0
	RET
