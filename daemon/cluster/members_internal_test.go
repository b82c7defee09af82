package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Nobody is dead but by a lease throughout which we heard ourselves, and not them.
func TestAlive(t *testing.T) {
	const lease = 10 * time.Second
	begin := time.Now()
	at := func(s float64) time.Time { return begin.Add(time.Duration(s * float64(time.Second))) }
	m := newMembers("self", lease)
	require.True(t, m.alive("self", at(0)))
	require.False(t, m.connected(at(0)))
	m.hear("other", at(0))
	require.True(t, m.alive("other", at(1000)), "we hear nobody")

	beats := func(from, to float64) {
		for s := from; s <= to; s += 2 {
			m.beat(at(s))
		}
	}
	beats(1000, 1006)
	require.True(t, m.alive("other", at(1006)), "we have not listened for long enough")
	require.True(t, m.alive("unknown", at(1006)), "an owner that we never heard of may be one that we could not hear")
	require.Equal(t, []string{"other", "self"}, m.living(at(1006)))
	beats(1008, 1012)
	require.False(t, m.alive("other", at(1012)))
	require.False(t, m.alive("unknown", at(1012)))
	require.Equal(t, []string{"self"}, m.living(at(1012)))
	m.hear("other", at(1012))
	require.True(t, m.alive("other", at(1012)))

	// An outage: nobody is heard for longer than a lease.
	require.False(t, m.connected(at(1030)))
	beats(1030, 1038)
	require.True(t, m.alive("other", at(1038)))
	m.hear("other", at(1039))
	beats(1040, 1048)
	require.True(t, m.alive("other", at(1048)))
	require.False(t, m.alive("other", at(1049.5)))

	m.hear("other", at(1049))
	m.gone("other")
	require.Equal(t, []string{"self"}, m.living(at(1049)), "it said goodbye")
}

// Shares are about the same, and only that of a daemon that comes or goes moves.
func TestFirst(t *testing.T) {
	daemons := []string{"daemon0", "daemon1", "daemon2", "daemon3"}
	const n = 4000
	share := map[string]int{}
	for i := range n {
		sensor := fmt.Sprintf("cam%d", i)
		is := first(daemons, sensor)
		share[is]++
		for _, gone := range daemons {
			rest := slices.DeleteFunc(slices.Clone(daemons), func(d string) bool { return d == gone })
			if gone != is {
				require.Equal(t, is, first(rest, sensor))
			} else {
				require.NotEqual(t, is, first(rest, sensor))
			}
		}
	}
	for _, d := range daemons {
		require.InDelta(t, n/len(daemons), share[d], n/40, d)
	}
	require.Empty(t, first(nil, "cam"))
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{"a", "host-1_B"} {
		require.NoError(t, CheckName(good))
	}
	for _, bad := range []string{"", "a.b", "a b", "ä", string(make([]byte, 200))} {
		require.ErrorContains(t, CheckName(bad), "name of the daemon: expected 1 to 128")
	}
}
