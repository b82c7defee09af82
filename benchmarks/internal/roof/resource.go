package roof

// Resource is what a kernel can run out of.
type Resource int

// The resources: memory in bytes, multipliers in products.
const (
	Load     Resource = iota
	Store             // what is written, wherever it is held
	MulAdd16          // products of int16 that are added to an int32
	Mul16             // products of int16 of which 16 bits are kept
	Mul32             // products of int32 of which 32 bits are kept
	resources
)

// String names the resource as the rows of the table do.
func (r Resource) String() string {
	return [resources]string{"load", "store", "muladd16", "mul16", "mul32"}[r]
}

// Memory tells whether it is counted in bytes.
func (r Resource) Memory() bool { return r == Load || r == Store }
