//go:build !purego

#include "textflag.h"

// The NEON kernels, by hand. neon_arm64.go gives the loop that each of them
// equals, and package hw defines what every number means.

// Instructions that Go's assembler lacks. Operands are the numbers of vector
// registers, in Arm's order: the destination first. (Go's own instructions, V...,
// have it last.)

// MUL Vd.4S, Vn.4S, Vm.4S
#define MUL_4S(d, n, m) WORD $(0x4ea09c00 | m<<16 | n<<5 | d)

// SMLAL Vd.4S, Vn.4H, Vm.H[i] and SMLAL2 Vd.4S, Vn.8H, Vm.H[i], i from 0 to 3, m to 15
#define SMLAL_H(d, n, m, i) WORD $(0x0f402000 | i<<20 | m<<16 | n<<5 | d)
#define SMLAL2_H(d, n, m, i) WORD $(0x4f402000 | i<<20 | m<<16 | n<<5 | d)

// UMLAL Vd.4S, Vn.4H, Vm.4H and UMLAL2 Vd.4S, Vn.8H, Vm.8H
#define UMLAL_4S(d, n, m) WORD $(0x2e608000 | m<<16 | n<<5 | d)
#define UMLAL2_4S(d, n, m) WORD $(0x6e608000 | m<<16 | n<<5 | d)

// SMULL Vd.2D, Vn.2S, Vm.2S and SMULL2 Vd.2D, Vn.4S, Vm.4S
#define SMULL_2D(d, n, m) WORD $(0x0ea0c000 | m<<16 | n<<5 | d)
#define SMULL2_2D(d, n, m) WORD $(0x4ea0c000 | m<<16 | n<<5 | d)

// SMLAL Vd.2D, Vn.2S, Vm.2S and SMLAL2 Vd.2D, Vn.4S, Vm.4S
#define SMLAL_2D(d, n, m) WORD $(0x0ea08000 | m<<16 | n<<5 | d)
#define SMLAL2_2D(d, n, m) WORD $(0x4ea08000 | m<<16 | n<<5 | d)

// SQRDMULH Vd.8H, Vn.8H, Vm.8H: (2*n*m + 1<<15) >> 16, which is mulhrs
#define SQRDMULH_8H(d, n, m) WORD $(0x6e60b400 | m<<16 | n<<5 | d)

// USHL Vd.4S, Vn.4S, Vm.4S: n<<m, or n>>-m where m is below zero
#define USHL_4S(d, n, m) WORD $(0x6ea04400 | m<<16 | n<<5 | d)

// URSHL Vd.8H, Vn.8H, Vm.8H: the same, and what is shifted to the right is rounded
#define URSHL_8H(d, n, m) WORD $(0x6e605400 | m<<16 | n<<5 | d)

// URSHR Vd.4S, Vn.4S, #6: (n + 1<<5) >> 6
#define URSHR6_4S(d, n) WORD $(0x6f3a2400 | n<<5 | d)

// SHRN Vd.4H, Vn.4S, #12 and SHRN2 Vd.8H, Vn.4S, #12: the low halves of n>>12
#define SHRN12_4H(d, n) WORD $(0x0f148400 | n<<5 | d)
#define SHRN12_8H(d, n) WORD $(0x4f148400 | n<<5 | d)

// RSHRN Vd.2S, Vn.2D, #32 and RSHRN2 Vd.4S, Vn.2D, #32: (n + 1<<31) >> 32
#define RSHRN32_2S(d, n) WORD $(0x0f208c00 | n<<5 | d)
#define RSHRN32_4S(d, n) WORD $(0x4f208c00 | n<<5 | d)

// SQSHRN Vd.4H, Vn.4S, #9 and SQSHRN2 Vd.8H, Vn.4S, #9: n>>9, clamped to int16
#define SQSHRN9_4H(d, n) WORD $(0x0f179400 | n<<5 | d)
#define SQSHRN9_8H(d, n) WORD $(0x4f179400 | n<<5 | d)

// SXTL Vd.4S, Vn.4H and SXTL2 Vd.4S, Vn.8H
#define SXTL_4S(d, n) WORD $(0x0f10a400 | n<<5 | d)
#define SXTL2_4S(d, n) WORD $(0x4f10a400 | n<<5 | d)

// CLEAR4 clears four vector registers.
#define CLEAR4(a, b, c, d) \
	VEOR a.B16, a.B16, a.B16 \
	VEOR b.B16, b.B16, b.B16 \
	VEOR c.B16, c.B16, c.B16 \
	VEOR d.B16, d.B16, d.B16

// The match.
//
//	V0        the context's quad
//	V4..V11   the weights of its elements, neurons 0..7 and 8..15 of each
//	V16..V19  the sums of the first group's neurons, 4 a register, elements 0 and 2
//	V20..V23  elements 1 and 3
//	V24..V31  the same for the second group
//
// Two sums a neuron make the chains of additions half as long.
#define DOTS R0
#define WEIGHTS R1
#define CONTEXT R2
#define GROUPS R3
#define QUADS R4
#define WEIGHTS2 R5 // the second group's
#define AT R6 // in the context
#define LEFT R7 // quads
#define STRIDE R8 // of a group, in bytes

// ELEMENT adds a neuron's weight times element i of the context to its sum, for 16
// neurons: n and n+1 hold the weights, d to d+3 the sums.
#define ELEMENT(d, n, i) \
	SMLAL_H(d, n, 0, i)          \
	SMLAL2_H((d+1), n, 0, i)     \
	SMLAL_H((d+2), (n+1), 0, i)  \
	SMLAL2_H((d+3), (n+1), 0, i)

// QUAD does so for the four elements in V0; w points to the group's weights, and
// behind them then.
#define QUAD(w, d) \
	VLD1.P 64(w), [V4.H8, V5.H8, V6.H8, V7.H8]   \
	VLD1.P 64(w), [V8.H8, V9.H8, V10.H8, V11.H8] \
	ELEMENT(d, 4, 0)                             \
	ELEMENT((d+4), 6, 1)                         \
	ELEMENT(d, 8, 2)                             \
	ELEMENT((d+4), 10, 3)

// func matchNEON(dots *int32, weights *uint64, c *int16, groups, quads int)
TEXT ·matchNEON(SB), NOSPLIT, $0-40
	MOVD dots+0(FP), DOTS
	MOVD weights+8(FP), WEIGHTS
	MOVD c+16(FP), CONTEXT
	MOVD groups+24(FP), GROUPS
	MOVD quads+32(FP), QUADS
	LSL  $7, QUADS, STRIDE

	// Two groups at a time share what is loaded of the context.
two:
	SUBS $2, GROUPS
	BLT  one
	ADD  STRIDE, WEIGHTS, WEIGHTS2
	MOVD CONTEXT, AT
	MOVD QUADS, LEFT
	CLEAR4(V16, V17, V18, V19)
	CLEAR4(V20, V21, V22, V23)
	CLEAR4(V24, V25, V26, V27)
	CLEAR4(V28, V29, V30, V31)

twoquads:
	VLD1.P 8(AT), [V0.H4]
	QUAD(WEIGHTS, 16)
	QUAD(WEIGHTS2, 24)
	SUBS   $1, LEFT
	BNE    twoquads
	VADD   V20.S4, V16.S4, V16.S4
	VADD   V21.S4, V17.S4, V17.S4
	VADD   V22.S4, V18.S4, V18.S4
	VADD   V23.S4, V19.S4, V19.S4
	VADD   V28.S4, V24.S4, V24.S4
	VADD   V29.S4, V25.S4, V25.S4
	VADD   V30.S4, V26.S4, V26.S4
	VADD   V31.S4, V27.S4, V27.S4
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(DOTS)
	VST1.P [V24.S4, V25.S4, V26.S4, V27.S4], 64(DOTS)
	MOVD   WEIGHTS2, WEIGHTS                          // where the next group begins
	B      two

	// A last group where their number is odd: groups is one less two.
one:
	CMN $1, GROUPS
	BNE done
	CLEAR4(V16, V17, V18, V19)
	CLEAR4(V20, V21, V22, V23)

onequads:
	VLD1.P 8(CONTEXT), [V0.H4]
	QUAD(WEIGHTS, 16)
	SUBS   $1, QUADS
	BNE    onequads
	VADD   V20.S4, V16.S4, V16.S4
	VADD   V21.S4, V17.S4, V17.S4
	VADD   V22.S4, V18.S4, V18.S4
	VADD   V23.S4, V19.S4, V19.S4
	VST1   [V16.S4, V17.S4, V18.S4, V19.S4], (DOTS)

done:
	RET

#undef DOTS
#undef WEIGHTS
#undef CONTEXT
#undef GROUPS
#undef QUADS
#undef WEIGHTS2
#undef AT
#undef LEFT
#undef STRIDE

// The context, 8 pixels at a time.
//
//	V0, V1    cells, then ages, units, octaves, 4 pixels each
//	V2        the age's fraction of an octave, Q15
//	V3        2^-fraction, Q14, then the values
//	V4        how far that is shifted
#define NOW V16.S4
#define HORIZON V17.S4
#define ROUND V18.S4
#define LEFT 19 // of 32 bits, as are the next two
#define RIGHT 20 // less than zero
#define RATE 21
#define PEAK V22.H8 // less 14
#define C0 V23.H8
#define C1 V24.H8
#define C2 V25.H8
#define C3 26
#define LOW15 V27.B16
#define MASK V28.B16 // of the values that count of a row's last block
#define SUM 29 // of squares, pixels 0..3 of a block
#define SUM2 30 // pixels 4..7

// VALUES makes the values in V3 of the cells in V0 and V1.
#define VALUES \
	VUMIN NOW, V0.S4, V0.S4     \ // a cell of the future is one of now
	VUMIN NOW, V1.S4, V1.S4     \
	VSUB  V0.S4, NOW, V0.S4     \ // ages
	VSUB  V1.S4, NOW, V1.S4     \
	VUMIN HORIZON, V0.S4, V0.S4 \
	VUMIN HORIZON, V1.S4, V1.S4 \
	USHL_4S(0, 0, LEFT)         \
	USHL_4S(1, 1, LEFT)         \
	VADD  ROUND, V0.S4, V0.S4   \
	VADD  ROUND, V1.S4, V1.S4   \
	USHL_4S(0, 0, RIGHT)        \ // units
	USHL_4S(1, 1, RIGHT)        \
	MUL_4S(0, 0, RATE)          \ // octaves, Q5.27
	MUL_4S(1, 1, RATE)          \
	SHRN12_4H(2, 0)             \
	SHRN12_8H(2, 1)             \
	VUZP2 V1.H8, V0.H8, V4.H8   \ // the upper halves, Q5.11
	VAND  LOW15, V2.B16, V2.B16 \
	VUSHR $11, V4.H8, V4.H8     \
	SQRDMULH_8H(3, 2, C3)       \
	VSUB  V3.H8, C2, V3.H8      \
	SQRDMULH_8H(3, 3, 2)        \
	VSUB  V3.H8, C1, V3.H8      \
	SQRDMULH_8H(3, 3, 2)        \
	VSUB  V3.H8, C0, V3.H8      \
	VSUB  V4.H8, PEAK, V4.H8    \ // from Q14 to the surface's scale
	URSHL_8H(3, 3, 4)           // the rounding product with a power of two; from 16 on it is 0

// SQUARES adds those of V3.
#define SQUARES \
	UMLAL_4S(SUM, 3, 3)   \
	UMLAL2_4S(SUM2, 3, 3)

// lastWords is 8 words of 0 and 8 of all ones: from word r on, the last r of 8.
DATA lastWords<>+0(SB)/8, $0
DATA lastWords<>+8(SB)/8, $0
DATA lastWords<>+16(SB)/8, $-1
DATA lastWords<>+24(SB)/8, $-1
GLOBL lastWords<>(SB), RODATA|NOPTR, $32

#define OUT R0 // the context
#define SURFACE R1
#define STRIDE R2 // of a row, in bytes
#define SIDE R3
#define ROWS R4
#define CELLS R5
#define AT R6 // in the context
#define COLUMNS R7 // left in the row
#define CELLS_LAST R8 // from a row's start to its last block, in bytes
#define OUT_LAST R9
#define OUT_ROW R10 // from row to row of the context, in bytes
#define TMP R11

// func contextNEON(c *int16, surface *uint32, stride, side int, now, horizon uint32, left, right uint64, round, rate, peak uint32) uint32
TEXT ·contextNEON(SB), NOSPLIT, $0-76
	MOVD  c+0(FP), OUT
	MOVD  surface+8(FP), SURFACE
	MOVD  stride+16(FP), STRIDE
	LSL   $2, STRIDE
	MOVD  side+24(FP), SIDE
	MOVWU now+32(FP), TMP
	VDUP  TMP, V16.S4
	MOVWU horizon+36(FP), TMP
	VDUP  TMP, V17.S4
	MOVWU round+56(FP), TMP
	VDUP  TMP, V18.S4
	MOVD  left+40(FP), TMP
	VDUP  TMP, V19.S4
	MOVD  right+48(FP), TMP
	NEG   TMP, TMP
	VDUP  TMP, V20.S4
	MOVWU rate+60(FP), TMP
	VDUP  TMP, V21.S4
	MOVWU peak+64(FP), TMP
	SUB   $14, TMP
	VDUP  TMP, V22.H8
	MOVD  $16384, TMP               // polyC0
	VDUP  TMP, V23.H8
	MOVD  $11338, TMP               // polyC1
	VDUP  TMP, V24.H8
	MOVD  $3806, TMP                // polyC2
	VDUP  TMP, V25.H8
	MOVD  $661, TMP                 // polyC3
	VDUP  TMP, V26.H8
	MOVD  $0x7fff, TMP
	VDUP  TMP, V27.H8
	VEOR  V29.B16, V29.B16, V29.B16
	VEOR  V30.B16, V30.B16, V30.B16
	MOVD  $lastWords<>(SB), TMP
	MOVD  SIDE, ROWS
	LSL   $1, SIDE, OUT_ROW
	CMP   $8, SIDE
	BGE   wide

	// A row of 4 to 7: its first 4 and its last 4. What stands in both is written
	// twice and counted once.
	ADD   OUT_ROW, TMP
	VMOVI $255, V28.B16
	VLD1  (TMP), V28.D[1]          // the last side-4 of the last 4
	SUB   $4, SIDE, OUT_LAST
	LSL   $2, OUT_LAST, CELLS_LAST
	LSL   $1, OUT_LAST

narrow:
	ADD   CELLS_LAST, SURFACE, CELLS
	ADD   OUT_LAST, OUT, AT
	VLD1  (SURFACE), [V0.S4]
	VLD1  (CELLS), [V1.S4]
	VALUES
	FMOVD F3, (OUT)
	VST1  V3.D[1], (AT)
	VAND  MASK, V3.B16, V3.B16
	SQUARES
	ADD   OUT_ROW, OUT
	ADD   STRIDE, SURFACE
	SUBS  $1, ROWS
	BNE   narrow
	B     sum

	// A row of 8 and more: blocks of 8, the last from side-8 on; its last
	// (side-1)%8+1 are new.
wide:
	SUB  $1, SIDE, AT
	AND  $7, AT
	ADD  AT<<1, TMP
	ADD  $2, TMP
	VLD1 (TMP), [V28.H8]
	SUB  $8, SIDE, OUT_LAST
	LSL  $2, OUT_LAST, CELLS_LAST
	LSL  $1, OUT_LAST

row:
	MOVD SURFACE, CELLS
	MOVD OUT, AT
	SUBS $8, SIDE, COLUMNS
	BEQ  last

blocks:
	VLD1.P 32(CELLS), [V0.S4, V1.S4]
	VALUES
	VST1.P [V3.H8], 16(AT)
	SQUARES
	SUBS   $8, COLUMNS
	BGT    blocks

last:
	ADD  CELLS_LAST, SURFACE, CELLS
	ADD  OUT_LAST, OUT, AT
	VLD1 (CELLS), [V0.S4, V1.S4]
	VALUES
	VST1 [V3.H8], (AT)
	VAND MASK, V3.B16, V3.B16
	SQUARES
	ADD  OUT_ROW, OUT
	ADD  STRIDE, SURFACE
	SUBS $1, ROWS
	BNE  row

sum:
	VADD  V30.S4, V29.S4, V29.S4
	VADDV V29.S4, V29
	FMOVS F29, ret+72(FP)
	RET

#undef NOW
#undef HORIZON
#undef ROUND
#undef LEFT
#undef RIGHT
#undef RATE
#undef PEAK
#undef C0
#undef C1
#undef C2
#undef C3
#undef LOW15
#undef MASK
#undef SUM
#undef SUM2
#undef SQUARES
#undef VALUES
#undef OUT
#undef SURFACE
#undef STRIDE
#undef SIDE
#undef ROWS
#undef CELLS
#undef AT
#undef COLUMNS
#undef CELLS_LAST
#undef OUT_LAST
#undef OUT_ROW
#undef TMP

// The learning step, 8 weights at a time; what is left one by one, in lane 0 of
// registers that are zero besides, and stay so.
//
//	V0, V1    weights
//	V2, V3    the context, then what is added to the weights
//	V4..V7    products of 64 bits
#define RECIPROCAL 16
#define ETA 17 // in the second pass the factor that renormalises
#define SUM 18 // of squares, 64 bits
#define SUM2 19

// MULHIGH makes each lane of V2 and V3 its rounded product with V17, Q32.
#define MULHIGH \
	SMULL_2D(4, 2, ETA)  \
	SMULL2_2D(5, 2, ETA) \
	SMULL_2D(6, 3, ETA)  \
	SMULL2_2D(7, 3, ETA) \
	RSHRN32_2S(2, 4)     \
	RSHRN32_4S(2, 5)     \
	RSHRN32_2S(3, 6)     \
	RSHRN32_4S(3, 7)

// APPROACH moves the weights in V0 and V1 towards the context in V2.
#define APPROACH \
	SXTL2_4S(3, 2)           \
	SXTL_4S(2, 2)            \
	MUL_4S(2, 2, RECIPROCAL) \
	MUL_4S(3, 3, RECIPROCAL) \
	URSHR6_4S(2, 2)          \ // normalised
	URSHR6_4S(3, 3)          \
	VSUB V0.S4, V2.S4, V2.S4 \
	VSUB V1.S4, V3.S4, V3.S4 \
	MULHIGH                  \
	VADD V2.S4, V0.S4, V0.S4 \
	VADD V3.S4, V1.S4, V1.S4 \
	SMLAL_2D(SUM, 0, 0)      \
	SMLAL2_2D(SUM2, 0, 0)    \
	SMLAL_2D(SUM, 1, 1)      \
	SMLAL2_2D(SUM2, 1, 1)

// RENORMAL adds to the weights in V0 and V1 their products with V17.
#define RENORMAL \
	VMOV V0.B16, V2.B16      \
	VMOV V1.B16, V3.B16      \
	MULHIGH                  \
	VADD V2.S4, V0.S4, V0.S4 \
	VADD V3.S4, V1.S4, V1.S4

#define MASTER R0
#define CONTEXT R1
#define N R2
#define AT R3 // in the weights
#define LEFT R4 // weights
#define SQUARES R5
#define FACTOR R6
#define BOUND R7
#define TMP R8

// func learnNEON(master *int32, c *int16, n int, reciprocal uint32, eta int32)
TEXT ·learnNEON(SB), NOSPLIT, $0-32
	MOVD  master+0(FP), MASTER
	MOVD  c+8(FP), CONTEXT
	MOVD  n+16(FP), N
	MOVWU reciprocal+24(FP), TMP
	VDUP  TMP, V16.S4
	MOVW  eta+28(FP), TMP
	VDUP  TMP, V17.S4
	VEOR  V18.B16, V18.B16, V18.B16
	VEOR  V19.B16, V19.B16, V19.B16
	MOVD  MASTER, AT
	SUBS  $8, N, LEFT
	BLT   approachrest

approach:
	VLD1   (AT), [V0.S4, V1.S4]
	VLD1.P 16(CONTEXT), [V2.H8]
	APPROACH
	VST1.P [V0.S4, V1.S4], 32(AT)
	SUBS   $8, LEFT
	BGE    approach

approachrest:
	ADDS $8, LEFT
	BEQ  sum
	VEOR V1.B16, V1.B16, V1.B16

approachone:
	FMOVS   (AT), F0
	MOVHU.P 2(CONTEXT), TMP
	FMOVS   TMP, F2
	APPROACH
	FMOVS.P F0, 4(AT)
	SUBS    $1, LEFT
	BNE     approachone

	// The factor (1<<48 - squares + 1<<16) >> 17, clamped to 32 bits.
sum:
	VADD  V19.D2, V18.D2, V18.D2
	VADDP V18.D2, V18.D2, V18.D2
	VMOV  V18.D[0], SQUARES
	MOVD  $0x1000000010000, FACTOR
	SUB   SQUARES, FACTOR
	ASR   $17, FACTOR
	MOVD  $0x7fffffff, BOUND
	CMP   BOUND, FACTOR
	CSEL  GT, BOUND, FACTOR, FACTOR
	MVN   BOUND, BOUND              // -1<<31
	CMP   BOUND, FACTOR
	CSEL  LT, BOUND, FACTOR, FACTOR
	VDUP  FACTOR, V17.S4

	SUBS $8, N, LEFT
	BLT  renormalrest

renormal:
	VLD1   (MASTER), [V0.S4, V1.S4]
	RENORMAL
	VST1.P [V0.S4, V1.S4], 32(MASTER)
	SUBS   $8, LEFT
	BGE    renormal

renormalrest:
	ADDS $8, LEFT
	BEQ  done
	VEOR V1.B16, V1.B16, V1.B16

renormalone:
	FMOVS   (MASTER), F0
	RENORMAL
	FMOVS.P F0, 4(MASTER)
	SUBS    $1, LEFT
	BNE     renormalone

done:
	RET

#undef MASTER
#undef CONTEXT
#undef N
#undef AT
#undef LEFT
#undef SQUARES
#undef FACTOR
#undef BOUND
#undef TMP

#define WEIGHTS R0
#define MASTER R1
#define N R2
#define STRIDE R3 // from one weight of a neuron to its next, in bytes
#define TMP R4

// func packNEON(weights *int16, master *int32, n int)
TEXT ·packNEON(SB), NOSPLIT, $0-24
	MOVD weights+0(FP), WEIGHTS
	MOVD master+8(FP), MASTER
	MOVD n+16(FP), N
	MOVD $32, STRIDE
	MOVD $256, TMP
	VDUP TMP, V16.S4            // half of the last bit that stays
	SUBS $8, N
	BLT  rest

eight:
	VLD1.P 32(MASTER), [V0.S4, V1.S4]
	VADD   V16.S4, V0.S4, V0.S4
	VADD   V16.S4, V1.S4, V1.S4
	SQSHRN9_4H(2, 0)
	SQSHRN9_8H(2, 1)
	VST1.P V2.H[0], (WEIGHTS)(STRIDE)
	VST1.P V2.H[1], (WEIGHTS)(STRIDE)
	VST1.P V2.H[2], (WEIGHTS)(STRIDE)
	VST1.P V2.H[3], (WEIGHTS)(STRIDE)
	VST1.P V2.H[4], (WEIGHTS)(STRIDE)
	VST1.P V2.H[5], (WEIGHTS)(STRIDE)
	VST1.P V2.H[6], (WEIGHTS)(STRIDE)
	VST1.P V2.H[7], (WEIGHTS)(STRIDE)
	SUBS   $8, N
	BGE    eight

rest:
	ADDS $8, N
	BEQ  done

one:
	FMOVS.P 4(MASTER), F0
	VADD    V16.S4, V0.S4, V0.S4
	SQSHRN9_4H(2, 0)
	VST1.P  V2.H[0], (WEIGHTS)(STRIDE)
	SUBS    $1, N
	BNE     one

done:
	RET
