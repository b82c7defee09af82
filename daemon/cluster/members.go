package cluster

import (
	"hash/fnv"
	"slices"
	"time"
)

// members are the daemons that were heard of. Times are those of this daemon's own clock.
type members struct {
	self  string
	lease time.Duration
	heard map[string]time.Time
	// since is from when on we have heard our own beats, without a break of half a lease: what
	// others wrote meanwhile we would have heard, too.
	since time.Time
	own   time.Time // when we heard the last of them
}

func newMembers(self string, lease time.Duration) *members {
	return &members{self: self, lease: lease, heard: map[string]time.Time{}}
}

// beat notes that we have heard ourselves.
func (m *members) beat(now time.Time) {
	if m.own.IsZero() || now.Sub(m.own) > m.lease/2 {
		m.since = now // what was not heard meanwhile says nothing
	}
	m.own = now
}

// hear notes that a daemon wrote its key.
func (m *members) hear(name string, now time.Time) { m.heard[name] = now }

// gone notes that a daemon removed its key.
func (m *members) gone(name string) { delete(m.heard, name) }

// deaf tells whether we have heard nothing of what we write for so long that something is
// wrong with hearing.
func (m *members) deaf(now time.Time) bool {
	return !m.own.IsZero() && now.Sub(m.own) > m.lease*3/5
}

// connected tells whether we hear ourselves.
func (m *members) connected(now time.Time) bool {
	return !m.own.IsZero() && now.Sub(m.own) <= m.lease
}

// alive tells whether a daemon is not known to be dead.
func (m *members) alive(name string, now time.Time) bool {
	if name == m.self {
		return true
	}
	heard, known := m.heard[name]
	if !m.connected(now) {
		return known
	}
	if heard.Before(m.since) || !known {
		heard = m.since
	}
	return now.Sub(heard) <= m.lease
}

// living are those that are alive and known, in the order of their names.
func (m *members) living(now time.Time) []string {
	out := []string{m.self}
	for name := range m.heard {
		if name != m.self && m.alive(name, now) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// first is the daemon that a sensor is for: the one with the highest random weight. Where
// one comes or goes, only its own share moves.
func first(daemons []string, sensor string) (best string) {
	var most uint64
	for _, d := range daemons {
		h := fnv.New64a()
		_, _ = h.Write([]byte(d))
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(sensor))
		if w := mix(h.Sum64()); best == "" || w > most {
			best, most = d, w
		}
	}
	return best
}

// mix spreads the bits of a hash whose last bytes change little else (the finalizer of
// MurmurHash3, which is in the public domain).
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
