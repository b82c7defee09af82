// Instructions that Go's assembler lacks. Operands are the numbers of vector
// registers, in Arm's order: the destination first. (Go's own instructions, V...,
// have it last.)

// MUL Vd.4S, Vn.4S, Vm.4S
#define MUL_4S(d, n, m) WORD $(0x4ea09c00 | m<<16 | n<<5 | d)

// SMLAL Vd.4S, Vn.4H, Vm.4H and SMLAL2 Vd.4S, Vn.8H, Vm.8H
#define SMLAL_4S(d, n, m) WORD $(0x0e608000 | m<<16 | n<<5 | d)
#define SMLAL2_4S(d, n, m) WORD $(0x4e608000 | m<<16 | n<<5 | d)

// UMLAL Vd.4S, Vn.4H, Vm.4H and UMLAL2 Vd.4S, Vn.8H, Vm.8H
#define UMLAL_4S(d, n, m) WORD $(0x2e608000 | m<<16 | n<<5 | d)
#define UMLAL2_4S(d, n, m) WORD $(0x6e608000 | m<<16 | n<<5 | d)

// UMULL Vd.4S, Vn.4H, Vm.4H and UMULL2 Vd.4S, Vn.8H, Vm.8H
#define UMULL_4S(d, n, m) WORD $(0x2e60c000 | m<<16 | n<<5 | d)
#define UMULL2_4S(d, n, m) WORD $(0x6e60c000 | m<<16 | n<<5 | d)

// SMULL Vd.2D, Vn.2S, Vm.2S and SMULL2 Vd.2D, Vn.4S, Vm.4S
#define SMULL_2D(d, n, m) WORD $(0x0ea0c000 | m<<16 | n<<5 | d)
#define SMULL2_2D(d, n, m) WORD $(0x4ea0c000 | m<<16 | n<<5 | d)

// SQRDMULH Vd.8H, Vn.8H, Vm.8H: (2*n*m + 1<<15) >> 16, which is mulhrs
#define SQRDMULH_8H(d, n, m) WORD $(0x6e60b400 | m<<16 | n<<5 | d)

// UQSUB Vd.4S, Vn.4S, Vm.4S: n-m, and 0 where m is larger
#define UQSUB_4S(d, n, m) WORD $(0x6ea02c00 | m<<16 | n<<5 | d)

// UQSUB Vd.8H, Vn.8H, Vm.8H: n-m, 0 where m is the greater one
#define UQSUB_8H(d, n, m) WORD $(0x6e602c00 | m<<16 | n<<5 | d)

// SQSUB Vd.8H, Vn.8H, Vm.8H: n-m, clamped to int16
#define SQSUB_8H(d, n, m) WORD $(0x4e602c00 | m<<16 | n<<5 | d)

// USHL Vd.8H, Vn.8H, Vm.8H: n<<m
#define USHL_8H(d, n, m) WORD $(0x6e604400 | m<<16 | n<<5 | d)

// SSHL Vd.4S, Vn.4S, Vm.4S: n>>-m where m is below zero
#define SSHL_4S(d, n, m) WORD $(0x4ea04400 | m<<16 | n<<5 | d)

// URSHL Vd.4S, Vn.4S, Vm.4S and URSHL Vd.8H, Vn.8H, Vm.8H: n<<m, or n>>-m, rounded,
// where m is below zero
#define URSHL_4S(d, n, m) WORD $(0x6ea05400 | m<<16 | n<<5 | d)
#define URSHL_8H(d, n, m) WORD $(0x6e605400 | m<<16 | n<<5 | d)

// SHRN Vd.4H, Vn.4S, #12 and SHRN2 Vd.8H, Vn.4S, #12: the low halves of n>>12
#define SHRN12_4H(d, n) WORD $(0x0f148400 | n<<5 | d)
#define SHRN12_8H(d, n) WORD $(0x4f148400 | n<<5 | d)

// SQSHRN Vd.4H, Vn.4S, #9 and SQSHRN2 Vd.8H, Vn.4S, #9: n>>9, clamped to int16
#define SQSHRN9_4H(d, n) WORD $(0x0f179400 | n<<5 | d)
#define SQSHRN9_8H(d, n) WORD $(0x4f179400 | n<<5 | d)

// SSHLL Vd.2D, Vn.2S, #13 and SSHLL2 Vd.2D, Vn.4S, #13: int64(n)<<13
#define SSHLL13_2D(d, n) WORD $(0x0f2da400 | n<<5 | d)
#define SSHLL13_2_2D(d, n) WORD $(0x4f2da400 | n<<5 | d)

// CMGE Vd.2D, Vn.2D, Vm.2D and CMGE Vd.8H, Vn.8H, Vm.8H: all ones where n >= m, signed
#define CMGE_2D(d, n, m) WORD $(0x4ee03c00 | m<<16 | n<<5 | d)
#define CMGE_8H(d, n, m) WORD $(0x4e603c00 | m<<16 | n<<5 | d)

// CMGT Vd.4S, Vn.4S, Vm.4S: all ones where n > m, signed
#define CMGT_4S(d, n, m) WORD $(0x4ea03400 | m<<16 | n<<5 | d)

// ORN Vd.16B, Vn.16B, Vm.16B: n | ^m
#define ORN_16B(d, n, m) WORD $(0x4ee01c00 | m<<16 | n<<5 | d)

// SADALP Vd.4S, Vn.8H: adds the sums of pairs
#define SADALP_4S(d, n) WORD $(0x4e606800 | n<<5 | d)

// SMAXV Sd, Vn.4S and UMINV Sd, Vn.4S
#define SMAXV_4S(d, n) WORD $(0x4eb0a800 | n<<5 | d)
#define UMINV_4S(d, n) WORD $(0x6eb1a800 | n<<5 | d)

// CLEAR4 clears four vector registers.
#define CLEAR4(a, b, c, d) \
	VEOR a.B16, a.B16, a.B16 \
	VEOR b.B16, b.B16, b.B16 \
	VEOR c.B16, c.B16, c.B16 \
	VEOR d.B16, d.B16, d.B16
