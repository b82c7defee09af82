package digits

import "math/rand/v2"

// Source gives images of digits: [Fonts] and [MNIST] are sources. Digit gives an
// image of label (0 to 9) that depends on rng and on nothing else that changes. It
// is called from several goroutines at once.
type Source interface {
	Digit(label int, rng *rand.Rand) (Image, error)
}
