//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The rule of a bank. The parts leave these registers as they are.
#define BANK R19
#define STEP R20 // the next
#define END R21 // of the steps
#define COUNT R22 // of contexts in the batch
#define SLOT R23 // the batch's next, or the one whose winner is sought
#define CONTEXT R24 // the slot's
#define WINNER R25
#define LATER R26 // the slot of a dot product that is corrected

// A slot of the batch.
#define slotStep 0
#define slotNorm 8
#define slotSize 16

// func runNEON(b *neonBank, steps *hw.Step, count int)
TEXT ·runNEON(SB), NOSPLIT, $64-24
	MOVD b+0(FP), BANK
	MOVD steps+8(FP), STEP
	MOVD count+16(FP), END
	ADD  END<<const_stepShift, STEP, END

batch:
	MOVD $0, COUNT
	MOVD $slots-64(SP), SLOT
	MOVD neonBank_contexts(BANK), CONTEXT

	// Events fire, and those that take part leave a context in the batch.
step:
	CMP   END, STEP
	BHS   match
	MOVD  (neonBank_patch+neonPatch_cells)(BANK), R1
	MOVWU const_stepCell(STEP), R0
	MOVWU const_stepNow(STEP), R3
	MOVW  R3, (R1)(R0<<2)
	MOVW  const_stepWinner(STEP), R0
	MOVWU const_stepFirst(STEP), R2
	ADD   $const_stepSize, STEP
	CMPW  $const_pending, R0
	BNE   step
	MOVD  CONTEXT, R0
	ADD   $neonBank_patch, BANK, R1
	CALL  neonContext(SB)
	MOVWU R0, WINNER                                  // keeps the sum of squares meanwhile
	MOVD  neonBank_minRecent(BANK), R3
	CMP   $0, R3
	BLE   competes
	MOVD  CONTEXT, R0
	MOVD  neonBank_blocks(BANK), R1
	MOVH  neonBank_recent(BANK), R2
	CALL  neonRecent(SB)
	MOVD  neonBank_minRecent(BANK), R3
	CMP   R3, R0
	BGE   competes
	MOVD  $const_noise, R0
	MOVW  R0, (const_stepWinner-const_stepSize)(STEP)
	B     step

	// Its norm is the square root of the sum<<8, truncated.
competes:
	LSL     $const_normShift, WINNER
	UCVTFD  WINNER, F0
	FSQRTD  F0, F0
	FCVTZUD F0, R1
	SUB     $const_stepSize, STEP, R0
	MOVD    R0, slotStep(SLOT)
	MOVD    R1, slotNorm(SLOT)
	ADD     $slotSize, SLOT
	MOVD    neonBank_space(BANK), R0
	ADD     R0, CONTEXT
	ADD     $1, COUNT
	CMP     $const_batch, COUNT
	BLT     step

match:
	CBZ  COUNT, done
	MOVD neonBank_dots(BANK), R0
	MOVD neonBank_weights(BANK), R1
	MOVD neonBank_contexts(BANK), R2
	MOVD neonBank_groups(BANK), R3
	MOVD neonBank_blocks(BANK), R4
	MOVD neonBank_row(BANK), R5
	MOVD neonBank_space(BANK), R6
	MOVD neonBank_dotRow(BANK), R7
	CALL neonMatch(SB)
	MOVD $0, SLOT

	// The winners, one after the other.
winner:
	MOVD  neonBank_dots(BANK), R0
	MOVD  neonBank_dotRow(BANK), R1
	MADD  R1, R0, SLOT, R0
	MOVD  neonBank_neurons(BANK), R2
	MOVBU neonBank_selecting(BANK), R1
	CBNZ  R1, select
	CALL  neonNearest(SB)
	MOVD  $slots-64(SP), R1
	ADD   SLOT<<4, R1
	MOVD  slotStep(R1), R1
	MOVW  R0, const_stepWinner(R1)
	B     next

select:
	MOVD  neonBank_thresholds(BANK), R1
	MOVD  $slots-64(SP), R3
	ADD   SLOT<<4, R3
	MOVD  slotNorm(R3), R3
	CALL  neonSelect(SB)
	MOVW  R0, WINNER
	MOVD  $slots-64(SP), R3
	ADD   SLOT<<4, R3
	MOVD  slotStep(R3), R1
	MOVW  WINNER, const_stepWinner(R1)
	MOVBU neonBank_learning(BANK), R1
	CBZ   R1, next
	MOVD  neonBank_thresholds(BANK), R1
	TBNZ  $63, WINNER, missed

	// The winner's threshold rises, and its weights learn the context.
	MOVW  (R1)(WINNER<<2), R0
	MOVW  neonBank_deltaI(BANK), R2
	ADD   R2, R0
	MOVW  R0, (R1)(WINNER<<2)
	MOVD  slotNorm(R3), R0
	MOVD  neonBank_dots(BANK), R1
	MOVD  neonBank_dotRow(BANK), R2
	MADD  R2, R1, SLOT, R1
	MOVW  (R1)(WINNER<<2), R1
	MOVD  neonBank_squares(BANK), R2
	MOVWU (R2)(WINNER<<2), R2
	MOVW  neonBank_eta(BANK), R3
	MOVD  neonBank_drop(BANK), R8
	CALL  neonPull(SB)
	MOVD  neonBank_row(BANK), R3
	MUL   R3, WINNER, R3
	MOVD  neonBank_master(BANK), R0
	ADD   R3<<1, R0
	MOVD  neonBank_weights(BANK), R1
	ADD   R3, R1
	MOVD  neonBank_contexts(BANK), R2
	MOVD  neonBank_space(BANK), R3
	MADD  R3, R2, SLOT, CONTEXT
	MOVD  CONTEXT, R2
	MOVD  neonBank_blocks(BANK), R3
	MOVH  neonBank_rate(BANK), R6
	CALL  neonLearn(SB)
	MOVD  neonBank_squares(BANK), R1
	MOVW  R0, (R1)(WINNER<<2)

	// The batch's later dot products with these weights.
	ADD $1, SLOT, LATER

correct:
	CMP  COUNT, LATER
	BGE  next
	MOVD neonBank_space(BANK), R0
	ADD  R0, CONTEXT
	MOVD CONTEXT, R1
	MOVD neonBank_weights(BANK), R0
	MOVD neonBank_row(BANK), R2
	MADD R2, R0, WINNER, R0
	MOVD neonBank_blocks(BANK), R2
	CALL neonDot(SB)
	MOVD neonBank_dots(BANK), R1
	MOVD neonBank_dotRow(BANK), R2
	MADD R2, R1, LATER, R1
	MOVW R0, (R1)(WINNER<<2)
	ADD  $1, LATER
	B    correct

	// A missed event lowers all thresholds.
missed:
	MOVD neonBank_neurons(BANK), R2
	MOVW neonBank_deltaE(BANK), R3
	CALL neonLower(SB)

next:
	ADD $1, SLOT
	CMP COUNT, SLOT
	BLT winner
	B   batch

done:
	RET
