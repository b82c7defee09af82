//go:build !purego

#include "textflag.h"

#define NORM R0
#define DOT R1 // then its quotient by the norm
#define SQUARES R2
#define ETA R3
#define SHIFT R4
#define FACTOR R5
#define RENORMAL R7
#define DROP R8
#define ONE R9
#define SECOND R10 // what eta^2 is the factor of
#define TMP R11

// neonPull is hw.NewPull for a winner, for assembly: R0 is the norm of the context, R1
// the dot product with it, R2 the sum of squares of the match weights, R3 eta and R8
// its Drop. Then R4 is Shift, R5 Factor and R7 Renormal. It leaves R6, R8 and R12 to
// R26 as they are.
//
//	shift = 20 - bits.Len32(norm)
//	factor = min(1<<(35-shift)/max(norm, 1), 1<<16-1)
//	t := dot * factor >> (16 - min(shift, 16))
//	length := squares + (t-squares)*eta>>31 + ((one-2*t+squares)*eta>>32)*eta>>32
//	round := 22 - drop
//	renormal = max(min((one-length+1<<(round-1))>>round, 1<<15-1), -1<<15)
TEXT neonPull(SB), NOSPLIT, $0-0
	CLZW  NORM, SHIFT
	SUB   $12, SHIFT
	MOVD  $35, TMP
	SUB   SHIFT, TMP
	MOVD  $1, FACTOR
	LSL   TMP, FACTOR
	CMP   $1, NORM
	CSINC HI, NORM, ZR, NORM      // at least 1
	UDIV  NORM, FACTOR
	MOVD  $0xffff, TMP
	CMP   TMP, FACTOR
	CSEL  HI, TMP, FACTOR, FACTOR

	MUL  FACTOR, DOT
	MOVD $16, TMP
	SUBS SHIFT, TMP
	CSEL GE, TMP, ZR, TMP
	ASR  TMP, DOT

	MOVD $(0x7fff*0x7fff), ONE
	ADD  SQUARES, ONE, SECOND
	SUB  DOT<<1, SECOND
	MUL  ETA, SECOND
	ASR  $32, SECOND
	MUL  ETA, SECOND
	ASR  $32, SECOND
	SUB  SQUARES, DOT
	MUL  ETA, DOT
	ASR  $31, DOT

	// By what the squared length is less than one.
	SUB  SQUARES, ONE, RENORMAL
	SUB  DOT, RENORMAL
	SUB  SECOND, RENORMAL
	MOVD $(1<<21), TMP               // half of what is dropped: 1<<(21-DROP)
	LSR  DROP, TMP
	ADD  TMP, RENORMAL
	MOVD $22, TMP
	SUB  DROP, TMP
	ASR  TMP, RENORMAL
	MOVD $0x7fff, TMP
	CMP  TMP, RENORMAL
	CSEL GT, TMP, RENORMAL, RENORMAL
	MVN  TMP, TMP                    // -1<<15
	CMP  TMP, RENORMAL
	CSEL LT, TMP, RENORMAL, RENORMAL
	RET
