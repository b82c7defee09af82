//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// The learning step, 8 weights at a time.
//
//	V0, V1    master weights
//	V2        match weights
//	V3        the context, then how far it is from the match weights
//	V4, V5    products
#define SHIFT_8H 16 // of the context to the left
#define FACTOR_8H 17 // of the context; in the second pass what renormalises
#define RATE_8H 18
#define DROP_4S 19 // of a product with the rate, less than zero
#define HALF V20.S4 // of a match weight's last bit
#define SQUARES_4S 21 // their sum
#define SQUARES2_4S 22

// ROUND makes the match weights in V2 of the master weights in V0 and V1.
#define ROUND \
	VADD HALF, V0.S4, V4.S4 \
	VADD HALF, V1.S4, V5.S4 \
	SQSHRN9_4H(2, 4)        \
	SQSHRN9_8H(2, 5)

#define MASTER R0
#define WEIGHTS R1
#define CONTEXT R2
#define BLOCKS R3 // of 8 weights
#define NORM R4
#define RATE R5
#define DROP R6
#define MASTER_AT R7
#define WEIGHTS_AT R8
#define LEFT R9 // blocks
#define SHIFT R10
#define FACTOR R11
#define BOUND R12
#define SQUARES R13

// neonLearn is the body of learnNEON, for assembly: its arguments are in R0 to R6.
// It leaves R19 to R26 as they are.
TEXT neonLearn(SB), NOSPLIT, $0-0
	// shift = 20 - bits.Len32(norm); factor = 1<<(35-shift) / norm, in 16 bits.
	CLZW  NORM, SHIFT
	SUB   $12, SHIFT
	MOVD  $35, BOUND
	SUB   SHIFT, BOUND
	MOVD  $1, FACTOR
	LSL   BOUND, FACTOR
	CMP   $1, NORM
	CSINC HI, NORM, ZR, NORM        // at least 1
	UDIV  NORM, FACTOR
	MOVD  $0xffff, BOUND
	CMP   BOUND, FACTOR
	CSEL  HI, BOUND, FACTOR, FACTOR
	VDUP  SHIFT, V16.H8
	VDUP  FACTOR, V17.H8
	VDUP  RATE, V18.H8
	NEG   DROP, DROP
	VDUP  DROP, V19.S4
	MOVD  $256, BOUND
	VDUP  BOUND, V20.S4
	VEOR  V21.B16, V21.B16, V21.B16
	VEOR  V22.B16, V22.B16, V22.B16
	MOVD  MASTER, MASTER_AT
	MOVD  WEIGHTS, WEIGHTS_AT
	MOVD  BLOCKS, LEFT

approach:
	VLD1.P 16(CONTEXT), [V3.H8]
	VLD1   (MASTER_AT), [V0.S4, V1.S4]
	VLD1   (WEIGHTS_AT), [V2.H8]
	USHL_8H(3, 3, SHIFT_8H)
	UMULL_4S(4, 3, FACTOR_8H)
	UMULL2_4S(5, 3, FACTOR_8H)
	VUZP2  V5.H8, V4.H8, V3.H8           // normalised: the upper halves
	SQSUB_8H(3, 3, 2)
	SMULL_4S(4, 3, RATE_8H)
	SMULL2_4S(5, 3, RATE_8H)
	SRSHL_4S(4, 4, DROP_4S)
	SRSHL_4S(5, 5, DROP_4S)
	VADD   V4.S4, V0.S4, V0.S4
	VADD   V5.S4, V1.S4, V1.S4
	ROUND
	SMLAL_4S(SQUARES_4S, 2, 2)
	SMLAL2_4S(SQUARES2_4S, 2, 2)
	VST1.P [V0.S4, V1.S4], 32(MASTER_AT)
	VST1.P [V2.H8], 16(WEIGHTS_AT)
	SUBS   $1, LEFT
	BNE    approach

	// The factor (0x7fff*0x7fff - squares + 1<<14) >> 15, clamped to 16 bits.
	VADD  V22.S4, V21.S4, V21.S4
	VADDV V21.S4, V21
	FMOVS F21, SQUARES
	MOVWU SQUARES, SQUARES
	MOVD  $0x3fff4001, FACTOR
	SUB   SQUARES, FACTOR
	ASR   $15, FACTOR
	MOVD  $0x7fff, BOUND
	CMP   BOUND, FACTOR
	CSEL  GT, BOUND, FACTOR, FACTOR
	MVN   BOUND, BOUND              // -1<<15
	CMP   BOUND, FACTOR
	CSEL  LT, BOUND, FACTOR, FACTOR
	VDUP  FACTOR, V17.H8

renormal:
	VLD1   (MASTER), [V0.S4, V1.S4]
	VLD1   (WEIGHTS), [V2.H8]
	SMULL_4S(4, 2, FACTOR_8H)
	SMULL2_4S(5, 2, FACTOR_8H)
	SRSRA7_4S(0, 4)
	SRSRA7_4S(1, 5)
	ROUND
	VST1.P [V0.S4, V1.S4], 32(MASTER)
	VST1.P [V2.H8], 16(WEIGHTS)
	SUBS   $1, BLOCKS
	BNE    renormal
	RET

// func learnNEON(master *int32, weights, c *int16, blocks int, norm uint32, rate int16, drop uint)
TEXT ·learnNEON(SB), NOSPLIT, $0-48
	MOVD  master+0(FP), MASTER
	MOVD  weights+8(FP), WEIGHTS
	MOVD  c+16(FP), CONTEXT
	MOVD  blocks+24(FP), BLOCKS
	MOVWU norm+32(FP), NORM
	MOVH  rate+36(FP), RATE
	MOVD  drop+40(FP), DROP
	CALL  neonLearn(SB)
	RET
