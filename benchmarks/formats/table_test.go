package formats_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFormatTable measures all formats and prints the tables of benchmarks/README.md. It
// runs where SACCADE_FORMATS is the number of rounds.
func TestFormatTable(t *testing.T) {
	said := os.Getenv("SACCADE_FORMATS")
	if said == "" {
		t.Skip("SACCADE_FORMATS is not set to a number of rounds")
	}
	rounds, err := strconv.Atoi(said)
	require.NoError(t, err)
	require.Positive(t, rounds)

	var out strings.Builder
	load := func() {
		if b, err := os.ReadFile("/proc/loadavg"); err == nil {
			fmt.Fprintf(&out, "load %s\n", strings.TrimSpace(string(b)))
		}
	}
	load()
	for _, part := range []struct {
		title string
		cases func(testing.TB, string) []*formatCase
		names []string
		peers bool
	}{
		{"files in memory, through a reader", fileCases, benchmarkedFiles, false},
		{"messages", messageCases, benchmarkedMessages, false},
		{"beside C", peerCases, peerFormats, true},
	} {
		fmt.Fprintf(&out, "\n| %s | events | bytes an event | million events/s | best | MB/s | copy of the bytes | copy of the events | allocations a packet |", part.title)
		head := "\n|---|---|---|---|---|---|---|---|---|"
		if part.peers {
			out.WriteString(" C | C / ours |")
			head += "---|---|"
		}
		out.WriteString(head + "\n")
		for _, name := range part.names {
			for _, c := range part.cases(t, name) {
				out.WriteString(c.row(c.measure(t, counted(rounds))))
			}
		}
	}
	out.WriteString("\n")
	load()
	fmt.Printf("\nmedians of %d rounds\n%s\n", rounds, out.String())
}

// counted is true so many times.
func counted(n int) func() bool {
	return func() bool {
		n--
		return n >= 0
	}
}

func (c *formatCase) row(s formatSpeed) string {
	line := fmt.Sprintf("| %s | %s | %.2f | %.0f | %.0f | %.0f | %.1f %% | %.1f %% | %.2f |", c.format, c.scene,
		float64(len(c.data))/float64(c.count), c.mevs(s.decode), c.mevs(s.best), c.mbs(s.decode), 100*s.bytes/s.decode, 100*s.events/s.decode, s.allocations)
	if c.peer != nil {
		line += fmt.Sprintf(" %.0f | %.2f |", c.mevs(s.peer), s.peer/s.decode)
	}
	return line + "\n"
}
