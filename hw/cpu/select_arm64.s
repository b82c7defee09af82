//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "neon_arm64.h"

// What becomes of dot products and thresholds, 4 neurons at a time. All of these are
// for assembly, and leave R19 to R26 as they are.

// The numbers of the first four neurons.
DATA firstNeurons<>+0(SB)/8, $0x0000000100000000
DATA firstNeurons<>+8(SB)/8, $0x0000000300000002
GLOBL firstNeurons<>(SB), RODATA|NOPTR, $16

//	V0        dot products
//	V1        thresholds, then what can win
//	V2..V5    both sides of the threshold test, 64 bits
//	V16       the largest dot product of each lane
//	V17       whose it is: the lowest number in the lane
//	V18       numbers of the four neurons
#define FOUR V19.S4
#define NORM_4S 20

#define DOTS R0
#define THRESHOLDS R1
#define NEURONS R2
#define NORM R3
#define LEFT R4
#define WINNER R5
#define BEST R6
#define DOT R7
#define THRESHOLD R8

// NEURONS4 sets the lanes' best to dot and their winners to winner, before the first
// of the neurons.
#define NEURONS4(dot, winner) \
	MOVD $dot, BEST                  \
	VDUP BEST, V16.S4                \
	MOVD $winner, WINNER             \
	VDUP WINNER, V17.S4              \
	MOVD $firstNeurons<>(SB), WINNER \
	VLD1 (WINNER), [V18.S4]          \
	MOVD $4, WINNER                  \
	VDUP WINNER, V19.S4

// WINS puts the lanes of V0 that V1 chooses into the best.
#define WINS \
	VBIT V1.B16, V0.B16, V16.B16  \
	VBIT V1.B16, V18.B16, V17.B16 \
	VADD FOUR, V18.S4, V18.S4

// ACROSS makes BEST and WINNER those of all lanes, the lowest number of equals: the
// lanes that are not the best have the number 2^32-1 for it.
#define ACROSS \
	SMAXV_4S(0, 16)            \
	FMOVS F0, BEST             \
	VDUP  V0.S[0], V0.S4       \
	VCMEQ V0.S4, V16.S4, V0.S4 \
	ORN_16B(1, 17, 0)          \
	UMINV_4S(1, 1)             \
	FMOVS F1, WINNER

// neonSelect finds the winner by thresholds: R0 is the dot products, R1 the
// thresholds, R2 the number of neurons, R3 the norm; R0 is the winner then, -1 where
// there is none.
//
//	winner, best := -1, math.MinInt32
//	for i := range neurons {
//		if dots[i] > best && int64(dots[i])<<13 >= int64(thresholds[i])*int64(norm) {
//			winner, best = i, dots[i]
//		}
//	}
TEXT neonSelect(SB), NOSPLIT, $0-0
	NEURONS4(-0x80000000, -1)
	VDUP NORM, V20.S4
	LSR  $2, NEURONS, LEFT
	CBZ  LEFT, across

four:
	VLD1.P 16(DOTS), [V0.S4]
	VLD1.P 16(THRESHOLDS), [V1.S4]
	SSHLL13_2D(2, 0)
	SSHLL13_2_2D(3, 0)
	SMULL_2D(4, 1, NORM_4S)
	SMULL2_2D(5, 1, NORM_4S)
	CMGE_2D(2, 2, 4)
	CMGE_2D(3, 3, 5)
	VUZP1  V3.S4, V2.S4, V1.S4
	CMGT_4S(2, 0, 16)
	VAND   V2.B16, V1.B16, V1.B16
	WINS
	SUBS   $1, LEFT
	BNE    four

across:
	ACROSS

	// What is left one by one: their numbers are higher.
	AND $~3, NEURONS, LEFT

one:
	CMP    NEURONS, LEFT
	BGE    done
	MOVW.P 4(DOTS), DOT
	MOVW.P 4(THRESHOLDS), THRESHOLD
	MUL    NORM, THRESHOLD
	CMP    DOT<<13, THRESHOLD
	BGT    lost
	CMPW   BEST, DOT
	BLE    lost
	MOVD   DOT, BEST
	MOVD   LEFT, WINNER

lost:
	ADD $1, LEFT
	B   one

done:
	MOVD WINNER, R0
	RET

// neonNearest finds the winner of all: R0 is the dot products, R2 the number of
// neurons; R0 is the winner then.
//
//	winner, best := 0, math.MinInt32
//	for i := range neurons {
//		if dots[i] > best {
//			winner, best = i, dots[i]
//		}
//	}
TEXT neonNearest(SB), NOSPLIT, $0-0
	NEURONS4(-0x80000000, 0)
	LSR $2, NEURONS, LEFT
	CBZ LEFT, across

four:
	VLD1.P 16(DOTS), [V0.S4]
	CMGT_4S(1, 0, 16)
	WINS
	SUBS   $1, LEFT
	BNE    four

across:
	ACROSS
	AND $~3, NEURONS, LEFT

one:
	CMP    NEURONS, LEFT
	BGE    done
	MOVW.P 4(DOTS), DOT
	CMPW   BEST, DOT
	BLE    lost
	MOVD   DOT, BEST
	MOVD   LEFT, WINNER

lost:
	ADD $1, LEFT
	B   one

done:
	MOVD WINNER, R0
	RET

// neonLower lowers thresholds: R1 is the thresholds, R2 their number, R3 by how much.
//
//	for i := range neurons {
//		thresholds[i] -= by
//	}
TEXT neonLower(SB), NOSPLIT, $0-0
	VDUP R3, V1.S4
	SUBS $4, NEURONS
	BLT  rest

four:
	VLD1   (THRESHOLDS), [V0.S4]
	VSUB   V1.S4, V0.S4, V0.S4
	VST1.P [V0.S4], 16(THRESHOLDS)
	SUBS   $4, NEURONS
	BGE    four

rest:
	ADDS $4, NEURONS
	BEQ  done

one:
	MOVW   (THRESHOLDS), THRESHOLD
	SUB    R3, THRESHOLD
	MOVW.P THRESHOLD, 4(THRESHOLDS)
	SUBS   $1, NEURONS
	BNE    one

done:
	RET
