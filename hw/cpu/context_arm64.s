//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "neon_arm64.h"

// The context, 8 pixels at a time: neonContext and, of its elements, neonRecent.

//	V0, V1    cells, then ages, units, octaves, 4 pixels each
//	V2        the age's fraction of an octave, Q15
//	V3        2^-fraction, Q14, then the values
//	V4        how far that is shifted
#define NOW 16
#define HORIZON V17.S4
#define SHIFT 18 // to the left, as 32 bits
#define RATE 19
#define PEAK V20.H8 // less 14
#define C0 V21.H8
#define C1 V22.H8
#define C2 V23.H8
#define C3 24
#define LOW15 V25.B16
#define MASK V26.B16 // of the values that count at a row's end
#define SUM 27 // of squares, pixels 0..3 of a block
#define SUM2 28 // pixels 4..7
#define STRAIGHT 29 // the values of a linear decay
#define TOP 30 // 2^PeakBits
#define LINEAR V31.B16 // all ones, where the decay is linear

// VALUES makes the values in V3 of the cells in V0 and V1. A rounding product with
// a power of two is a rounding shift; from 16 on it is 0.
#define VALUES \
	UQSUB_4S(0, NOW, 0)         \ // ages; a cell of the future is one of now
	UQSUB_4S(1, NOW, 1)         \
	VUMIN HORIZON, V0.S4, V0.S4 \
	VUMIN HORIZON, V1.S4, V1.S4 \
	URSHL_4S(0, 0, SHIFT)       \ // units
	URSHL_4S(1, 1, SHIFT)       \
	MUL_4S(0, 0, RATE)          \ // octaves, Q5.27
	MUL_4S(1, 1, RATE)          \
	SHRN12_4H(2, 0)             \
	SHRN12_8H(2, 1)             \
	VUZP2 V1.H8, V0.H8, V4.H8   \ // the upper halves, Q5.11
	UQSUB_8H(STRAIGHT, TOP, 4)  \ // or what a linear decay has lost
	VAND  LOW15, V2.B16, V2.B16 \
	VUSHR $11, V4.H8, V4.H8     \
	SQRDMULH_8H(3, 2, C3)       \
	VSUB  V3.H8, C2, V3.H8      \
	SQRDMULH_8H(3, 3, 2)        \
	VSUB  V3.H8, C1, V3.H8      \
	SQRDMULH_8H(3, 3, 2)        \
	VSUB  V3.H8, C0, V3.H8      \
	VSUB V4.H8, PEAK, V4.H8    \ // from Q14 to the surface's scale
	URSHL_8H(3, 3, 4)          \
	VBIT LINEAR, V29.B16, V3.B16

// SQUARES adds those of V3.
#define SQUARES \
	UMLAL_4S(SUM, 3, 3)   \
	UMLAL2_4S(SUM2, 3, 3)

// firstWords is 8 words of all ones and 8 of 0: from word 8-n on, the first n of 8
// are ones.
DATA firstWords<>+0(SB)/8, $-1
DATA firstWords<>+8(SB)/8, $-1
DATA firstWords<>+16(SB)/8, $0
DATA firstWords<>+24(SB)/8, $0
GLOBL firstWords<>(SB), RODATA|NOPTR, $32

#define OUT R0 // the context
#define PATCH R1
#define ROW R2 // of cells
#define SIDE R3
#define STRIDE R4 // in bytes
#define OUT_STRIDE R5 // in bytes
#define PLANE R6 // the first cell of a plane
#define PLANES R7 // that are left
#define ROWS R8 // that are left in the plane
#define GROUP R9 // rows whose ends are done
#define CELLS R10
#define AT R11 // in the context
#define FULL R12 // blocks in a row, but for its end
#define LEFT R13 // blocks, or columns
#define WORDS R14 // behind the ones of firstWords
#define TMP R15
#define COPY R16

// neonContext is the body of contextNEON, for assembly: R0 is c, R1 a neonPatch,
// R2 the first cell's index, R3 now; R0 is the sum of squares then. It leaves R19 to
// R26 as they are.
//
// What is loaded of a row's end are whole registers, and what is stored has zeros
// behind the row; so the end comes before the row, and before the row behind it.
// An end of up to 4 takes half a block, and the next row's the other.
TEXT neonContext(SB), NOSPLIT, $32-0
	VDUP    R3, V16.S4
	ADD     $neonPatch_horizon, PATCH, TMP
	VLD1R.P 4(TMP), [V17.S4]
	VLD1R.P 4(TMP), [V18.S4]
	VLD1R.P 4(TMP), [V19.S4]
	VLD1R.P 2(TMP), [V20.H8]
	VLD1R.P 2(TMP), [V21.H8]
	VLD1R.P 2(TMP), [V22.H8]
	VLD1R.P 2(TMP), [V23.H8]
	VLD1R.P 2(TMP), [V24.H8]
	VLD1R.P 2(TMP), [V25.H8]
	VLD1R.P 2(TMP), [V30.H8]
	VLD1R   (TMP), [V31.H8]
	VEOR    V27.B16, V27.B16, V27.B16
	VEOR    V28.B16, V28.B16, V28.B16
	MOVD    neonPatch_side(PATCH), SIDE
	MOVD    neonPatch_stride(PATCH), STRIDE
	LSL     $1, SIDE, OUT_STRIDE
	MOVD    neonPatch_planes(PATCH), PLANES
	MOVD    neonPatch_cells(PATCH), PLANE
	ADD     ROW<<2, PLANE
	MOVD    $firstWords<>+16(SB), WORDS
	MOVD    neonPatch_within(PATCH), TMP
	CMP     TMP, ROW
	BGT     bywords
	SUB     $1, SIDE, FULL
	LSR     $3, FULL
	SUB     FULL<<3, SIDE, TMP              // the length of an end, 1..8
	SUB     TMP<<1, WORDS
	VLD1    (WORDS), [V26.H8]
	CMP     $4, TMP
	BGT     plane
	VMOV    V26.D[0], V26.D[1]

plane:
	MOVD PLANE, ROW
	MOVD SIDE, ROWS

rows:
	// The end of this row, and of the next if it takes half a block.
	ADD  FULL<<5, ROW, CELLS
	ADD  FULL<<4, OUT, AT
	MOVD $1, GROUP
	SUB  FULL<<3, SIDE, TMP
	CMP  $4, TMP
	BLE  half
	VLD1 (CELLS), [V0.S4, V1.S4]
	VALUES
	VAND MASK, V3.B16, V3.B16
	VST1 [V3.H8], (AT)
	SQUARES
	B    whole

half:
	VLD1  (CELLS), [V0.S4]
	CMP   $1, ROWS
	BEQ   single
	MOVD  $2, GROUP
	ADD   STRIDE, CELLS
	VLD1  (CELLS), [V1.S4]
	VALUES
	VAND  MASK, V3.B16, V3.B16
	FMOVD F3, (AT)
	ADD   OUT_STRIDE, AT
	VST1  V3.D[1], (AT)
	SQUARES
	B     whole

single:
	VALUES
	VAND  MASK, V3.B16, V3.B16
	FMOVD F3, (AT)
	UMLAL_4S(SUM, 3, 3)

whole:
	SUB GROUP, ROWS

row:
	CBZ  FULL, next
	MOVD ROW, CELLS
	MOVD OUT, AT
	MOVD FULL, LEFT

blocks:
	VLD1.P 32(CELLS), [V0.S4, V1.S4]
	VALUES
	VST1.P [V3.H8], 16(AT)
	SQUARES
	SUBS   $1, LEFT
	BNE    blocks

next:
	ADD  STRIDE, ROW
	ADD  OUT_STRIDE, OUT
	SUBS $1, GROUP
	BNE  row
	CBNZ ROWS, rows
	MOVD neonPatch_plane(PATCH), TMP
	ADD  TMP, PLANE
	SUBS $1, PLANES
	BNE  plane

sum:
	VADD  V28.S4, V27.S4, V27.S4
	VADDV V27.S4, V27
	FMOVS F27, R0
	RET

	// Where whole registers would reach beyond the surface, its last rows, blocks
	// come by way of the stack.
bywords:
	MOVD SIDE, ROWS
	MOVD PLANE, ROW

rowbywords:
	MOVD ROW, CELLS
	MOVD OUT, AT
	MOVD SIDE, LEFT

blockbywords:
	MOVD $8, TMP
	CMP  TMP, LEFT
	CSEL LT, LEFT, TMP, TMP
	SUB  TMP, LEFT
	SUB  TMP<<1, WORDS, COPY
	VLD1 (COPY), [V26.H8]
	MOVD $block-32(SP), COPY

word:
	MOVWU.P 4(CELLS), GROUP
	MOVW.P  GROUP, 4(COPY)
	SUBS    $1, TMP
	BNE     word
	MOVD    $block-32(SP), COPY
	VLD1    (COPY), [V0.S4, V1.S4]
	VALUES
	VAND    MASK, V3.B16, V3.B16
	VST1.P  [V3.H8], 16(AT)
	SQUARES
	CBNZ    LEFT, blockbywords
	ADD     STRIDE, ROW
	ADD     OUT_STRIDE, OUT
	SUBS    $1, ROWS
	BNE     rowbywords
	MOVD    neonPatch_plane(PATCH), TMP
	ADD     TMP, PLANE
	SUBS    $1, PLANES
	BNE     bywords
	B       sum

// func contextNEON(c *int16, p *neonPatch, first int, now uint32) uint32
TEXT ·contextNEON(SB), NOSPLIT, $0-36
	MOVD  c+0(FP), R0
	MOVD  p+8(FP), R1
	MOVD  first+16(FP), R2
	MOVWU now+24(FP), R3
	CALL  neonContext(SB)
	MOVW  R0, ret+32(FP)
	RET

// neonRecent counts elements, for assembly: R0 is a context, R1 its blocks of 8, R2
// the least that counts, above the zeros behind the elements; R0 is the count then.
//
//	for _, v := range c[:8*blocks] {
//		if v >= least {
//			count++
//		}
//	}
TEXT neonRecent(SB), NOSPLIT, $0-0
	VDUP R2, V1.H8
	VEOR V2.B16, V2.B16, V2.B16

block:
	VLD1.P 16(R0), [V0.H8]
	CMGE_8H(0, 0, 1)
	SADALP_4S(2, 0)        // -1 for each
	SUBS   $1, R1
	BNE    block
	VADDV  V2.S4, V2
	FMOVS  F2, R0
	NEGW   R0, R0
	RET
