package readout

import (
	"encoding"
	"fmt"
)

// Classifier names the class of a vector: [Model], [Kernel], [ELM] and [KNN]. None
// changes once it is made, except by UnmarshalBinary, and all are safe for
// concurrent use.
type Classifier interface {
	// Classes lists the classes' names; a prediction is an index into it.
	Classes() []string
	// Class is the name of one class.
	Class(i int) string
	// Dim is the length of the vectors that are judged.
	Dim() int
	// Bytes is about how much memory it takes, and more than it takes in a file where
	// a part of it is drawn anew when it is read.
	Bytes() int64
	// Predict gives a class and the confidence in it, a probability. The error is
	// ErrVector, wrapped, for a vector that cannot be judged.
	Predict(vec []float32) (class int, confidence float64, err error)
	// Scores writes one number a class into dst, which is made anew if it is too
	// short, and returns it. The largest, the first of equals, is that of Predict's
	// class.
	Scores(dst []float64, vec []float32) ([]float64, error)
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

var (
	_ Classifier = (*Model)(nil)
	_ Classifier = (*Kernel)(nil)
	_ Classifier = (*ELM)(nil)
	_ Classifier = (*KNN)(nil)
)

// UnmarshalClassifier reads what any Classifier has marshalled, told apart by its
// first four bytes.
func UnmarshalClassifier(data []byte) (Classifier, error) {
	kinds := map[string]Classifier{magic: new(Model), kernelMagic: new(Kernel), elmMagic: new(ELM), knnMagic: new(KNN)}
	c, known := kinds[string(data[:min(4, len(data))])]
	if !known {
		return nil, malformed(0, fmt.Sprintf("%q, %q, %q or %q", magic, kernelMagic, elmMagic, knnMagic), fmt.Sprintf("%q", data[:min(4, len(data))]))
	}
	if err := c.UnmarshalBinary(data); err != nil {
		return nil, err
	}
	return c, nil
}
