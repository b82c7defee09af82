package roof

// portable is what plain Go gets out of one core, without any vectors. It is no limit
// of the machine's and bounds nothing: it is what to hold the rates of kernels in Go
// against.
func portable() *Unit {
	return &Unit{Name: "go", Bits: 64, loops: loops{
		load: loadGo, store: storeGo,
		products: []productLoop{
			{MulAdd16, "go", 1, mulAdd16Go},
			{Mul16, "go", 1, mul16Go},
			{Mul32, "go", 1, mul32Go},
		},
	}}
}

func loadGo(sums *vector, p []uint32, rounds int) {
	blocksOf(p)
	checkRounds(rounds)
	var a, b, c, d uint32
	for range rounds {
		for q := p; len(q) >= 8; q = q[8:] {
			a += q[0] + q[2]
			b += q[1] + q[3]
			c += q[4] + q[6]
			d += q[5] + q[7]
		}
	}
	sums[0], sums[1] = int32(a+c), int32(b+d)
}

func storeGo(p []uint32, rounds int, value uint32) {
	blocksOf(p)
	checkRounds(rounds)
	for range rounds {
		for q := p; len(q) >= 8; q = q[8:] {
			q[0], q[1], q[2], q[3] = value, value, value, value
			q[4], q[5], q[6], q[7] = value, value, value, value
		}
	}
}

// mulAdd16Go has products that a compiler could take out of the loop, as they are the
// same every round. Go's does not, or the rate would show it.
func mulAdd16Go(sums, x, y *vector, rounds int) {
	checkRounds(rounds)
	var a, b int32
	u, v := x.int16s(), y.int16s()
	for range rounds {
		a += int32(u[0])*int32(v[0]) + int32(u[1])*int32(v[1])
		b += int32(u[2])*int32(v[2]) + int32(u[3])*int32(v[3])
	}
	sums[0], sums[1] = a, b
}

func mul16Go(sums, x, y *vector, rounds int) {
	checkRounds(rounds)
	u, v := x.int16s(), y.int16s()
	a, b, c, d := u[0], u[1], u[2], u[3]
	for range rounds {
		a *= v[0]
		b *= v[1]
		c *= v[2]
		d *= v[3]
	}
	s := sums.int16s()
	s[0], s[1], s[2], s[3] = a, b, c, d
}

func mul32Go(sums, x, y *vector, rounds int) {
	checkRounds(rounds)
	a, b := x[0], x[1]
	for range rounds {
		a *= y[0]
		b *= y[1]
	}
	sums[0], sums[1] = a, b
}
