//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"
#include "delta_arm64.h"

// Zeros and then ones, for the last eight rows where some of them are done already.
DATA zerosThenOnes<>+0(SB)/8, $0
DATA zerosThenOnes<>+8(SB)/8, $0
DATA zerosThenOnes<>+16(SB)/8, $0
DATA zerosThenOnes<>+24(SB)/8, $0
DATA zerosThenOnes<>+32(SB)/8, $-1
DATA zerosThenOnes<>+40(SB)/8, $-1
DATA zerosThenOnes<>+48(SB)/8, $-1
DATA zerosThenOnes<>+56(SB)/8, $-1
GLOBL zerosThenOnes<>(SB), NOPTR|RODATA, $64

// Rows are taken block by block, of 64, 16 and 8, with all deltas for each.
//
//	V0        the digit of a delta's value, in 8 lanes
//	V1..V8    weights, as they are loaded
//	V9, V10   weights of 16 bits
//	V11       the digit's shift
//	V12, V13  which of the last eight rows are new
//	V16..V31  the sums of a block's rows, 4 a register
#define Z R0
#define WEIGHTS R1
#define STRIDE R2 // bytes
#define ROWS R3
#define DELTAS R4
#define COUNT R5
#define SHIFT R6
#define BIAS R7 // makes the digit above the lowest what it is with signs
#define AT R8
#define LEFT R9
#define COLUMN R10
#define VALUE R11
#define NEW R12

#define ARGUMENTS \
	MOVD z+0(FP), Z             \
	MOVD weights+8(FP), WEIGHTS \
	MOVD stride+16(FP), STRIDE  \
	MOVD rows+24(FP), ROWS      \
	MOVD deltas+32(FP), DELTAS  \
	MOVD count+40(FP), COUNT    \
	MOVD shift+48(FP), SHIFT    \
	VDUP SHIFT, V11.S4          \
	LSL  $11, SHIFT, BIAS // 1<<15 for a shift of 16

// DELTA takes the next delta: COLUMN points to its weight of the block's first row.
#define DELTA \
	LDPW.P 8(AT), (COLUMN, VALUE)        \
	MADD   STRIDE, WEIGHTS, COLUMN, COLUMN \
	ADDW   BIAS, VALUE, VALUE            \
	ASRW   SHIFT, VALUE, VALUE           \
	VDUP   VALUE, V0.H8

// ADD8 adds what 8 weights of 16 bits in n give to the sums d and d+1.
#define ADD8(d, n) \
	SMLAL_4S(d, n, 0)      \
	SMLAL2_4S((d+1), n, 0)

// ADD16 does so for 16 weights of 8 bits.
#define ADD16(d, n) \
	SXTL_8H(9, n)      \
	SXTL2_8H(10, n)    \
	ADD8(d, 9)         \
	ADD8((d+2), 10)

// SHIFT4 shifts the sums d to d+3 to the digit's place.
#define SHIFT4(d) \
	USHL_4S(d, d, 11)             \
	USHL_4S((d+1), (d+1), 11)     \
	USHL_4S((d+2), (d+2), 11)     \
	USHL_4S((d+3), (d+3), 11)

// STORE adds four registers of sums to those of 16 rows.
#define STORE(a, b, c, d) \
	VLD1   (Z), [V1.S4, V2.S4, V3.S4, V4.S4] \
	VADD   V1.S4, a.S4, a.S4                 \
	VADD   V2.S4, b.S4, b.S4                 \
	VADD   V3.S4, c.S4, c.S4                 \
	VADD   V4.S4, d.S4, d.S4                 \
	VST1.P [a.S4, b.S4, c.S4, d.S4], 64(Z)

// EIGHT readies the last rows: of fewer than eight, Z and WEIGHTS go back to eight
// rows before the end, and V12 and V13 tell the new ones. size is a weight's, as a
// shift.
#define EIGHT(full, size) \
	MOVD $zerosThenOnes<>(SB), NEW   \
	ADD  $32, NEW, AT                \
	CMP  $8, ROWS                    \
	BGE  full                        \
	ADD  ROWS<<2, NEW, AT            \
	SUB  $8, ROWS, LEFT              \
	ADD  LEFT<<2, Z, Z               \
	ADD  LEFT<<size, WEIGHTS, WEIGHTS \
	MOVD $8, ROWS                    \
full:                                \
	VLD1 (AT), [V12.S4, V13.S4]

// STORE8 adds the sums of eight rows, as far as they are new.
#define STORE8 \
	USHL_4S(16, 16, 11)             \
	USHL_4S(17, 17, 11)             \
	VAND   V12.B16, V16.B16, V16.B16 \
	VAND   V13.B16, V17.B16, V17.B16 \
	VLD1   (Z), [V1.S4, V2.S4]       \
	VADD   V1.S4, V16.S4, V16.S4     \
	VADD   V2.S4, V17.S4, V17.S4     \
	VST1.P [V16.S4, V17.S4], 32(Z)

#define CLEAR16 \
	CLEAR4(V16, V17, V18, V19) \
	CLEAR4(V20, V21, V22, V23) \
	CLEAR4(V24, V25, V26, V27) \
	CLEAR4(V28, V29, V30, V31)

#define STORE64 \
	SHIFT4(16)                \
	SHIFT4(20)                \
	SHIFT4(24)                \
	SHIFT4(28)                \
	STORE(V16, V17, V18, V19) \
	STORE(V20, V21, V22, V23) \
	STORE(V24, V25, V26, V27) \
	STORE(V28, V29, V30, V31)

// func columns8NEON(z *int32, weights *int8, stride, rows int, deltas *int32, count int, shift uint64)
TEXT ·columns8NEON(SB), NOSPLIT, $0-56
	ARGUMENTS

rows64:
	CMP  $64, ROWS
	BLT  rows16
	MOVD DELTAS, AT
	MOVD COUNT, LEFT
	CLEAR16

delta64:
	DELTA
	VLD1 (COLUMN), [V1.B16, V2.B16, V3.B16, V4.B16]
	ADD16(16, 1)
	ADD16(20, 2)
	ADD16(24, 3)
	ADD16(28, 4)
	SUBS $1, LEFT
	BNE  delta64
	STORE64
	ADD  $64, WEIGHTS
	SUB  $64, ROWS
	B    rows64

rows16:
	CMP  $16, ROWS
	BLT  rows8
	MOVD DELTAS, AT
	MOVD COUNT, LEFT
	CLEAR4(V16, V17, V18, V19)

delta16:
	DELTA
	VLD1 (COLUMN), [V1.B16]
	ADD16(16, 1)
	SUBS $1, LEFT
	BNE  delta16
	SHIFT4(16)
	STORE(V16, V17, V18, V19)
	ADD  $16, WEIGHTS
	SUB  $16, ROWS
	B    rows16

rows8:
	CBZ  ROWS, done
	EIGHT(full8, 0)
	MOVD DELTAS, AT
	MOVD COUNT, LEFT
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16

delta8:
	DELTA
	VLD1 (COLUMN), [V1.B8]
	SXTL_8H(9, 1)
	ADD8(16, 9)
	SUBS $1, LEFT
	BNE  delta8
	STORE8
	ADD  $8, WEIGHTS
	SUB  $8, ROWS
	B    rows8

done:
	RET

// func columns16NEON(z *int32, weights *int16, stride, rows int, deltas *int32, count int, shift uint64)
TEXT ·columns16NEON(SB), NOSPLIT, $0-56
	ARGUMENTS
	LSL $1, STRIDE

rows64:
	CMP  $64, ROWS
	BLT  rows16
	MOVD DELTAS, AT
	MOVD COUNT, LEFT
	CLEAR16

delta64:
	DELTA
	VLD1.P 64(COLUMN), [V1.H8, V2.H8, V3.H8, V4.H8]
	VLD1   (COLUMN), [V5.H8, V6.H8, V7.H8, V8.H8]
	ADD8(16, 1)
	ADD8(18, 2)
	ADD8(20, 3)
	ADD8(22, 4)
	ADD8(24, 5)
	ADD8(26, 6)
	ADD8(28, 7)
	ADD8(30, 8)
	SUBS   $1, LEFT
	BNE    delta64
	STORE64
	ADD    $128, WEIGHTS
	SUB    $64, ROWS
	B      rows64

rows16:
	CMP  $16, ROWS
	BLT  rows8
	MOVD DELTAS, AT
	MOVD COUNT, LEFT
	CLEAR4(V16, V17, V18, V19)

delta16:
	DELTA
	VLD1 (COLUMN), [V1.H8, V2.H8]
	ADD8(16, 1)
	ADD8(18, 2)
	SUBS $1, LEFT
	BNE  delta16
	SHIFT4(16)
	STORE(V16, V17, V18, V19)
	ADD  $32, WEIGHTS
	SUB  $16, ROWS
	B    rows16

rows8:
	CBZ  ROWS, done
	EIGHT(full8, 1)
	MOVD DELTAS, AT
	MOVD COUNT, LEFT
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16

delta8:
	DELTA
	VLD1 (COLUMN), [V1.H8]
	ADD8(16, 1)
	SUBS $1, LEFT
	BNE  delta8
	STORE8
	ADD  $16, WEIGHTS
	SUB  $8, ROWS
	B    rows8

done:
	RET
