package hw

import (
	"fmt"
	"slices"
	"strings"
)

// Addressed is a kind of targets that are somewhere else: a name of it is its prefix, @ and an address.
type Addressed struct {
	// Prefix is what names begin with, and Form such a name as people read it: fpga@HOST:PORT.
	Prefix, Form string
	// Description says in a line what such a target is.
	Description string
	// At gives the target at an address, what is behind the @. It does not reach out to it: it says what is wrong
	// with the address itself.
	At func(address string) (Target, error)
}

// addressed is filled by init functions and only read afterwards.
var addressed []Addressed

// PanicAddressed is the panic of RegisterAddressed for a kind that is incomplete, or whose prefix has an @.
const PanicAddressed = "hw: a kind of addressed targets needs a prefix without @, a form that begins with it, a description and a function"

// RegisterAddressed adds a kind of targets that have addresses; call it from an init function. [Auto] never
// takes one.
func RegisterAddressed(a Addressed) {
	if a.Prefix == "" || strings.Contains(a.Prefix, "@") || !strings.HasPrefix(a.Form, a.Prefix+"@") || a.Description == "" || a.At == nil {
		panic(PanicAddressed)
	}
	if slices.ContainsFunc(addressed, func(b Addressed) bool { return a.Prefix == b.Prefix }) {
		panic(PanicDuplicateTarget)
	}
	addressed = append(addressed, a)
	slices.SortFunc(addressed, func(a, b Addressed) int { return strings.Compare(a.Prefix, b.Prefix) })
}

// AddressedTargets lists the kinds of targets that have addresses, by their prefixes.
func AddressedTargets() []Addressed { return slices.Clone(addressed) }

// findAddressed gives the target whose name is a prefix, @ and an address; found says whether the prefix is known.
func findAddressed(name string) (t Target, found bool, err error) {
	prefix, address, _ := strings.Cut(name, "@")
	for _, a := range addressed {
		if a.Prefix != prefix || !strings.Contains(name, "@") {
			continue
		}
		if t, err = a.At(address); err == nil {
			err = t.Usable()
		}
		if err != nil {
			return nil, true, fmt.Errorf("device %s cannot be used: %w", name, err)
		}
		return t, true, nil
	}
	return nil, false, nil
}
