package link

// Clock is what lateness is measured by: ticks that pass when words go by or somebody waits for them. Its owner may let
// more of them pass. It belongs to the goroutine that uses the link.
type Clock struct{ now uint64 }

// Now is the number of ticks that have passed.
func (c *Clock) Now() uint64 { return c.now }

// Advance lets ticks pass.
func (c *Clock) Advance(ticks uint64) { c.now += ticks }
