//go:build !purego

#include "textflag.h"
#include "delta_arm64.h"

// Channels are taken block by block, of 32, 16, 8, 4 and 1, with all taps for each.
// What consecutive taps with the same Z add is summed up in registers.
//
//	V0        a tap's value, in 4 lanes
//	V1..V4    weights, as they are loaded
//	V5..V8    weights of 16 and of 32 bits
//	V16..V23  the sums of a tap's channels
#define Z R0 // of the block's first channel, as is WEIGHTS
#define WEIGHTS R1
#define CHANNELS R2 // that are left
#define TAPS R3
#define END R4
#define AT R5
#define FIRST R6 // index of a tap's first sum
#define SUMS R7
#define FROM R8 // a tap's first weight
#define NEXT R9
#define VALUE R10
#define SUM R11

#define ARGUMENTS \
	MOVD z+0(FP), Z               \
	MOVD weights+8(FP), WEIGHTS   \
	MOVD channels+16(FP), CHANNELS \
	MOVD taps+24(FP), TAPS        \
	MOVD count+32(FP), END        \
	ADD  END<<1, END, END         \
	ADD  END<<2, TAPS, END

// SUMSOF finds the sums of the tap at AT.
#define SUMSOF \
	MOVWU (AT), FIRST      \
	ADD   FIRST<<2, Z, SUMS

// TAP takes the tap at AT and goes on to the next. size is a weight's, as a shift.
#define TAP(size) \
	MOVWU 4(AT), FROM             \
	ADD   FROM<<size, WEIGHTS, FROM \
	ADD   $8, AT                  \
	VLD1R.P 4(AT), [V0.S4]

// SAME goes to a label where the next tap is for the same sums.
#define SAME(store, same) \
	CMP   END, AT      \
	BEQ   store        \
	MOVWU (AT), NEXT   \
	CMPW  FIRST, NEXT  \
	BEQ   same

// MORE goes to a label where there is a next tap.
#define MORE(tap) \
	CMP END, AT \
	BNE tap

// ADD8 adds what 8 weights of 16 bits in n give to the sums d and d+1.
#define ADD8(d, n) \
	SXTL_4S(7, n)          \
	SXTL2_4S(8, n)         \
	MLA_4S(d, 7, 0)        \
	MLA_4S((d+1), 8, 0)

// ADD16 does so for 16 weights of 8 bits.
#define ADD16(d, n) \
	SXTL_8H(5, n)      \
	SXTL2_8H(6, n)     \
	ADD8(d, 5)         \
	ADD8((d+2), 6)

// BLOCK goes to a label where fewer channels are left.
#define BLOCK(channels, less) \
	CMP  $channels, CHANNELS \
	BLT  less                \
	MOVD TAPS, AT

// BEHIND goes on behind a block, whose weights have that many bytes.
#define BEHIND(channels, bytes) \
	ADD $(4*channels), Z   \
	ADD $bytes, WEIGHTS    \
	SUB $channels, CHANNELS

// func taps8NEON(z *int32, weights *int8, channels int, taps *int32, count int)
TEXT ·taps8NEON(SB), NOSPLIT, $0-40
	ARGUMENTS

channels32:
	BLOCK(32, channels16)

tap32:
	SUMSOF
	VLD1.P 64(SUMS), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1   (SUMS), [V20.S4, V21.S4, V22.S4, V23.S4]
	SUB    $64, SUMS

same32:
	TAP(0)
	VLD1 (FROM), [V1.B16, V2.B16]
	ADD16(16, 1)
	ADD16(20, 2)
	SAME(store32, same32)

store32:
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(SUMS)
	VST1   [V20.S4, V21.S4, V22.S4, V23.S4], (SUMS)
	MORE(tap32)
	BEHIND(32, 32)
	B      channels32

channels16:
	BLOCK(16, channels8)

tap16:
	SUMSOF
	VLD1 (SUMS), [V16.S4, V17.S4, V18.S4, V19.S4]

same16:
	TAP(0)
	VLD1 (FROM), [V1.B16]
	ADD16(16, 1)
	SAME(store16, same16)

store16:
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (SUMS)
	MORE(tap16)
	BEHIND(16, 16)

channels8:
	BLOCK(8, channels4)

tap8:
	SUMSOF
	VLD1 (SUMS), [V16.S4, V17.S4]

same8:
	TAP(0)
	VLD1 (FROM), [V1.B8]
	SXTL_8H(5, 1)
	ADD8(16, 5)
	SAME(store8, same8)

store8:
	VST1 [V16.S4, V17.S4], (SUMS)
	MORE(tap8)
	BEHIND(8, 8)

channels4:
	BLOCK(4, channels1)

tap4:
	SUMSOF
	VLD1 (SUMS), [V16.S4]

same4:
	TAP(0)
	FMOVS (FROM), F1
	SXTL_8H(5, 1)
	SXTL_4S(7, 5)
	MLA_4S(16, 7, 0)
	SAME(store4, same4)

store4:
	VST1 [V16.S4], (SUMS)
	MORE(tap4)
	BEHIND(4, 4)

channels1:
	BLOCK(1, done)

tap1:
	SUMSOF
	MOVWU 4(AT), FROM
	MOVW  8(AT), VALUE
	MOVB  (WEIGHTS)(FROM), FROM
	MOVW  (SUMS), SUM
	MADDW FROM, SUM, VALUE, SUM
	MOVW  SUM, (SUMS)
	ADD   $12, AT
	MORE(tap1)
	BEHIND(1, 1)
	B     channels1

done:
	RET

// func taps16NEON(z *int32, weights *int16, channels int, taps *int32, count int)
TEXT ·taps16NEON(SB), NOSPLIT, $0-40
	ARGUMENTS

channels32:
	BLOCK(32, channels16)

tap32:
	SUMSOF
	VLD1.P 64(SUMS), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1   (SUMS), [V20.S4, V21.S4, V22.S4, V23.S4]
	SUB    $64, SUMS

same32:
	TAP(1)
	VLD1 (FROM), [V1.H8, V2.H8, V3.H8, V4.H8]
	ADD8(16, 1)
	ADD8(18, 2)
	ADD8(20, 3)
	ADD8(22, 4)
	SAME(store32, same32)

store32:
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(SUMS)
	VST1   [V20.S4, V21.S4, V22.S4, V23.S4], (SUMS)
	MORE(tap32)
	BEHIND(32, 64)
	B      channels32

channels16:
	BLOCK(16, channels8)

tap16:
	SUMSOF
	VLD1 (SUMS), [V16.S4, V17.S4, V18.S4, V19.S4]

same16:
	TAP(1)
	VLD1 (FROM), [V1.H8, V2.H8]
	ADD8(16, 1)
	ADD8(18, 2)
	SAME(store16, same16)

store16:
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (SUMS)
	MORE(tap16)
	BEHIND(16, 32)

channels8:
	BLOCK(8, channels4)

tap8:
	SUMSOF
	VLD1 (SUMS), [V16.S4, V17.S4]

same8:
	TAP(1)
	VLD1 (FROM), [V1.H8]
	ADD8(16, 1)
	SAME(store8, same8)

store8:
	VST1 [V16.S4, V17.S4], (SUMS)
	MORE(tap8)
	BEHIND(8, 16)

channels4:
	BLOCK(4, channels1)

tap4:
	SUMSOF
	VLD1 (SUMS), [V16.S4]

same4:
	TAP(1)
	VLD1 (FROM), [V1.H4]
	SXTL_4S(7, 1)
	MLA_4S(16, 7, 0)
	SAME(store4, same4)

store4:
	VST1 [V16.S4], (SUMS)
	MORE(tap4)
	BEHIND(4, 8)

channels1:
	BLOCK(1, done)

tap1:
	SUMSOF
	MOVWU 4(AT), FROM
	MOVW  8(AT), VALUE
	ADD   FROM<<1, WEIGHTS, FROM
	MOVH  (FROM), FROM
	MOVW  (SUMS), SUM
	MADDW FROM, SUM, VALUE, SUM
	MOVW  SUM, (SUMS)
	ADD   $12, AT
	MORE(tap1)
	BEHIND(1, 2)
	B     channels1

done:
	RET
