//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// The learning step, 8 weights at a time.
//
//	V0, V1    master weights
//	V2        match weights
//	V3        the context, then how far it is from the match weights
//	V4, V5    what the master weights rise by; then they, to be rounded
//	V6, V7    products of the context
#define SHIFT_8H 16 // of the context to the left
#define FACTOR_8H 17 // of the context
#define RATE_8H 18
#define RENORMAL_8H 19
#define DROP_4S 20 // less than zero
#define HALF V21.B16 // of what is dropped
#define HALF_WEIGHT V22.S4 // of a match weight's last bit
#define SQUARES_4S 23 // their sum
#define SQUARES2_4S 24

#define MASTER R0
#define WEIGHTS R1
#define CONTEXT R2
#define BLOCKS R3 // of 8 weights
#define SHIFT R4
#define FACTOR R5
#define RATE R6
#define RENORMAL R7
#define DROP R8
#define TMP R9

// neonLearn is the body of learnNEON, for assembly: its arguments are in R0 to R8; R0
// is the sum of squares then. It leaves R10 to R26 as they are.
//
// The sum of the products and of the half is modulo 2^32, as that of Go: so it is a
// sum and a shift, and not a rounding shift, which has a bit more.
TEXT neonLearn(SB), NOSPLIT, $0-0
	VDUP SHIFT, V16.H8
	VDUP FACTOR, V17.H8
	VDUP RATE, V18.H8
	VDUP RENORMAL, V19.H8
	NEG  DROP, TMP
	VDUP TMP, V20.S4
	SUB  $1, DROP, TMP
	MOVD $1, DROP
	LSL  TMP, DROP, TMP
	VDUP TMP, V21.S4
	MOVD $256, TMP
	VDUP TMP, V22.S4
	VEOR V23.B16, V23.B16, V23.B16
	VEOR V24.B16, V24.B16, V24.B16

block:
	VLD1.P 16(CONTEXT), [V3.H8]
	VLD1   (MASTER), [V0.S4, V1.S4]
	VLD1   (WEIGHTS), [V2.H8]
	VMOV   HALF, V4.B16
	VMOV   HALF, V5.B16
	USHL_8H(3, 3, SHIFT_8H)
	UMULL_4S(6, 3, FACTOR_8H)
	UMULL2_4S(7, 3, FACTOR_8H)
	SMLAL_4S(4, 2, RENORMAL_8H)
	SMLAL2_4S(5, 2, RENORMAL_8H)
	VUZP2  V7.H8, V6.H8, V3.H8        // normalised: the upper halves
	SQSUB_8H(3, 3, 2)
	SMLAL_4S(4, 3, RATE_8H)
	SMLAL2_4S(5, 3, RATE_8H)
	SSHL_4S(4, 4, DROP_4S)
	SSHL_4S(5, 5, DROP_4S)
	VADD   V4.S4, V0.S4, V0.S4
	VADD   V5.S4, V1.S4, V1.S4
	VADD   HALF_WEIGHT, V0.S4, V4.S4
	VADD   HALF_WEIGHT, V1.S4, V5.S4
	SQSHRN9_4H(2, 4)
	SQSHRN9_8H(2, 5)
	SMLAL_4S(SQUARES_4S, 2, 2)
	SMLAL2_4S(SQUARES2_4S, 2, 2)
	VST1.P [V0.S4, V1.S4], 32(MASTER)
	VST1.P [V2.H8], 16(WEIGHTS)
	SUBS   $1, BLOCKS
	BNE    block
	VADD   V24.S4, V23.S4, V23.S4
	VADDV  V23.S4, V23
	FMOVS  F23, R0
	RET

// func learnNEON(master *int32, weights, c *int16, blocks int, shift uint, factor uint16, rate, renormal int16, drop uint) (squares uint32)
TEXT ·learnNEON(SB), NOSPLIT, $0-60
	MOVD  master+0(FP), MASTER
	MOVD  weights+8(FP), WEIGHTS
	MOVD  c+16(FP), CONTEXT
	MOVD  blocks+24(FP), BLOCKS
	MOVD  shift+32(FP), SHIFT
	MOVHU factor+40(FP), FACTOR
	MOVH  rate+42(FP), RATE
	MOVH  renormal+44(FP), RENORMAL
	MOVD  drop+48(FP), DROP
	CALL  neonLearn(SB)
	MOVW  R0, squares+56(FP)
	RET
