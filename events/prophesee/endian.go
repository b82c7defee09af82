package prophesee

import (
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// LittleEndian refuses files whose header gives another order of bytes than low
// byte first: sensors can be set to the other one, by the vendor's documentation,
// but it does not say how the words then lie in a file.
func LittleEndian(h *Header) error {
	if order, ok := h.Option("endianness"); ok && !strings.EqualFold(order, "little") {
		return Endianness(order)
	}
	return nil
}

// Endianness is the error for an order of bytes that is not read.
func Endianness(order string) error {
	return &events.FormatError{Fatal: true, Want: "words with the low byte first", Got: fmt.Sprintf("endianness=%s in the header", order)}
}
