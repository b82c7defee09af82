// What the kernels of delta networks share: instructions that Go's assembler lacks,
// as in neon_arm64.h.

// SXTL Vd.8H, Vn.8B and SXTL2 Vd.8H, Vn.16B
#define SXTL_8H(d, n) WORD $(0x0f08a400 | n<<5 | d)
#define SXTL2_8H(d, n) WORD $(0x4f08a400 | n<<5 | d)

// SXTL Vd.4S, Vn.4H and SXTL2 Vd.4S, Vn.8H
#define SXTL_4S(d, n) WORD $(0x0f10a400 | n<<5 | d)
#define SXTL2_4S(d, n) WORD $(0x4f10a400 | n<<5 | d)

// SSHR Vd.4S, Vn.4S, #31
#define SSHR31_4S(d, n) WORD $(0x4f210400 | n<<5 | d)

// USHL Vd.4S, Vn.4S, Vm.4S: n<<m
#define USHL_4S(d, n, m) WORD $(0x6ea04400 | m<<16 | n<<5 | d)

// MLA Vd.4S, Vn.4S, Vm.4S: d += n*m
#define MLA_4S(d, n, m) WORD $(0x4ea09400 | m<<16 | n<<5 | d)

// UMAXV Sd, Vn.4S
#define UMAXV_4S(d, n) WORD $(0x6eb0a800 | n<<5 | d)
