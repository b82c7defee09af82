package fpga

import (
	"errors"
	"fmt"
)

// wordChecks are the host's side of RegCheckIn and RegCheckOut: what crosses the link otherwise than it was sent is
// noticed behind the mark of the call, before its results are handed out.
type wordChecks struct {
	there   bool // the device has them
	in, out uint32
	found   [2]uint32 // what was read last, here so that reading it allocates nothing
}

// checkAddresses are the registers that are read behind each mark.
var checkAddresses = []uint32{RegCheckIn, RegCheckOut}

// findChecks asks a device whether it checks its words. One that does not says so in its error register, which is
// cleared when it is configured.
func (e *engine) findChecks() error {
	v, err := e.link.Read(RegChecks)
	switch {
	case err != nil:
		return fmt.Errorf("fpga: reading the capabilities: %w", err)
	case v != 0 && v != Checks:
		return &IdentityError{What: "checks", Expected: Checks, Found: v}
	}
	e.guard.there = v == Checks
	return nil
}

// sending and received take note of words.
func (g *wordChecks) sending(words []uint32) {
	if g.there {
		g.in = CheckWords(g.in, words)
	}
}

func (g *wordChecks) received(words []uint32) {
	if g.there {
		g.out = CheckWords(g.out, words)
	}
}

// checkWords compares the device's checks with the host's. All that was sent is answered.
func (e *engine) checkWords() error {
	g := &e.guard
	if !g.there {
		return nil
	}
	if err := ReadList(e.link, checkAddresses, g.found[:]); err != nil {
		return err
	}
	if g.found != [2]uint32{g.in, g.out} {
		return e.wordsDiffer()
	}
	return nil
}

// wordsDiffer says why the checks are not the same. Those of a device that was reset are others as well: then that it
// was is what there is to say.
func (e *engine) wordsDiffer() error {
	g := &e.guard
	var reset *ResetError
	switch {
	case errors.As(e.check(), &reset):
		return reset
	case g.found[0] != g.in:
		return &WordsError{In: true, Expected: g.in, Found: g.found[0]}
	}
	return &WordsError{Expected: g.out, Found: g.found[1]}
}

// WordsError says that the words which crossed the device's pins are not those that the host sent or received.
type WordsError struct {
	In              bool   // those towards the device
	Expected, Found uint32 // checks, see [CheckWords]
}

func (e *WordsError) Error() string {
	what := "received"
	if e.In {
		what = "sent"
	}
	return fmt.Sprintf("fpga: words were changed on their way: expected check %#08x of those that were %s, found %#08x", e.Expected, what, e.Found)
}
