//go:build !purego

#include "textflag.h"
#include "delta_arm64.h"

// The scans go over lists before anything is added: four entries at a time, then
// the rest one by one.
#define LIST R0
#define COUNT R1
#define LOWER R2 // the maximum of indices
#define UPPER R3 // and that of magnitudes, or of the second indices
#define FIRST R4 // of an entry
#define SECOND R5

// LARGER makes m the maximum of m and x, both without a sign.
#define LARGER(x, m) \
	CMPW x, m         \
	CSEL HS, m, x, m

// RESULT joins the maxima of the lanes of V2 and V3 with those in registers.
#define RESULT \
	UMAXV_4S(2, 2)         \
	UMAXV_4S(3, 3)         \
	VMOV V2.S[0], FIRST      \
	VMOV V3.S[0], SECOND      \
	LARGER(FIRST, LOWER)       \
	LARGER(SECOND, UPPER)       \
	ORR  UPPER<<32, LOWER, LOWER

// func scanDeltasNEON(deltas *int32, count int) uint64
TEXT ·scanDeltasNEON(SB), NOSPLIT, $0-24
	MOVD deltas+0(FP), LIST
	MOVD count+8(FP), COUNT
	MOVD ZR, LOWER
	MOVD ZR, UPPER
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16

four:
	SUBS   $4, COUNT
	BLT    rest
	VLD2.P 32(LIST), [V0.S4, V1.S4]
	SSHR31_4S(4, 1)
	VEOR   V4.B16, V1.B16, V1.B16
	VUMAX  V0.S4, V2.S4, V2.S4
	VUMAX  V1.S4, V3.S4, V3.S4
	B      four

rest:
	ADDS $4, COUNT
	BEQ  result

one:
	LDPW.P 8(LIST), (FIRST, SECOND)
	ASRW   $31, SECOND, R6
	EORW   R6, SECOND, SECOND
	LARGER(FIRST, LOWER)
	LARGER(SECOND, UPPER)
	SUBS   $1, COUNT
	BNE    one

result:
	RESULT
	MOVD LOWER, ret+16(FP)
	RET

// func scanTapsNEON(taps *int32, count int) uint64
TEXT ·scanTapsNEON(SB), NOSPLIT, $0-24
	MOVD taps+0(FP), LIST
	MOVD count+8(FP), COUNT
	MOVD ZR, LOWER
	MOVD ZR, UPPER
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16

four:
	SUBS   $4, COUNT
	BLT    rest
	VLD3.P 48(LIST), [V4.S4, V5.S4, V6.S4]
	VUMAX  V4.S4, V2.S4, V2.S4
	VUMAX  V5.S4, V3.S4, V3.S4
	B      four

rest:
	ADDS $4, COUNT
	BEQ  result

one:
	LDPW.P 12(LIST), (FIRST, SECOND)
	LARGER(FIRST, LOWER)
	LARGER(SECOND, UPPER)
	SUBS   $1, COUNT
	BNE    one

result:
	RESULT
	MOVD LOWER, ret+16(FP)
	RET
