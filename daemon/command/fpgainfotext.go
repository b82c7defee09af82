package command

import (
	"fmt"
	"strings"
)

// text tells it to people.
func (f *fpgaInfo) text() string {
	list := func(words []string) string {
		if len(words) == 0 {
			return "none"
		}
		return strings.Join(words, ", ")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  identification  %s, version %s\n  build           %s\n  delta engine    %s\n  status          %s\n",
		f.Device, f.Identification, f.Version, f.Build, f.Build.delta(), list(f.Status))
	if f.Error != "" {
		fmt.Fprintf(&b, "  error           %s\n", f.Error)
	}
	c := f.Configuration
	if c.Width == 0 {
		b.WriteString("  configuration   none\n")
	} else {
		fmt.Fprintf(&b, "  configuration   %dx%d, %s, %s a bank, radius %d; flags: %s\n",
			c.Width, c.Height, c.Mode, plural(uint64(c.Neurons), "neuron"), c.Radius, list(c.Flags))
		fmt.Fprintf(&b, "  decay           shifts %#x, rate %d, horizon %s\n", c.Shifts, c.Rate, grouped(uint64(c.Horizon)))
		if c.MinRecent > 0 {
			fmt.Fprintf(&b, "  noise           fewer than %d elements of %d or more\n", c.MinRecent, c.Recent)
		}
		for bank, r := range c.Rates {
			fmt.Fprintf(&b, "  rates, bank %d   eta %.3g, delta I %.3g, delta E %.3g\n",
				bank, float64(r.Eta)/(1<<32), float64(r.DeltaI)/(1<<24), float64(r.DeltaE)/(1<<24))
		}
	}
	counted(&b, "counters", f.Counters)
	counted(&b, "delta counters", f.DeltaCounters)
	return b.String()
}

func counted(b *strings.Builder, title string, all []fpgaCounter) {
	for _, n := range all {
		fmt.Fprintf(b, "  %-15s %-13s %s\n", title, n.Name, grouped(n.Value))
		title = ""
	}
}
