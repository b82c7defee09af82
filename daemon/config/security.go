package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// Roles of users of the embedded server. None is RoleFull.
const (
	RoleFull     = "full"
	RoleSensor   = "sensor"
	RoleViewer   = "viewer"
	RoleOperator = "operator"
)

// anySensor stands for every sensor in a client's list.
const anySensor = "*"

// clients demands of the embedded server's users that each can log in, and that its role can be granted.
func (k *check) clients(path string, clients []Client) {
	users := make([]User, len(clients))
	for i, c := range clients {
		users[i] = User{c.User, c.PasswordFile}
	}
	k.users(path, users)
	for i, c := range clients {
		here := index(path, i)
		if c.Role != "" {
			k.oneOf(here+".role", c.Role, RoleFull, RoleSensor, RoleViewer, RoleOperator)
		}
		if c.Role != "" && c.Role != RoleFull && c.User != "" && !isName(c.User) {
			k.fail(here+".user", "1 to 64 of A-Z, a-z, 0-9, - and _ beside a role", quote(c.User))
		}
		switch {
		case c.Role == RoleSensor && len(c.Sensors) == 0:
			k.fail(here+".sensors", "the names of sensors, or \"*\", beside role sensor", "an empty list")
		case c.Role != RoleSensor && c.Role != RoleViewer && len(c.Sensors) > 0:
			k.fail(here+".sensors", "none but with role sensor or viewer", "a list of "+strconv.Itoa(len(c.Sensors)))
		}
		for j, name := range c.Sensors {
			if name != anySensor && !isName(name) {
				p := k.fail(index(here+".sensors", j), `a sensor's name, or "*" for every one`, quote(name))
				if strings.ContainsAny(name, "*?") {
					p.Hint = "the permissions of NATS have no other patterns"
				}
			}
		}
	}
}

// encrypted demands TLS, or that somebody does without, where the embedded server listens beyond this machine.
func (k *check) encrypted(n *NATS, beyond bool) {
	e := &n.Embedded
	k.together("nats.embedded.tls.cert", e.TLS.Cert, "nats.embedded.tls.key", e.TLS.Key)
	if e.TLS.ClientCA != "" && e.TLS.Cert == "" {
		k.fail("nats.embedded.tls.cert", "a value beside nats.embedded.tls.client_ca", `""`)
	}
	if beyond && len(e.Users) > 0 && e.TLS.Cert == "" && !e.Plaintext && e.Port != 0 && n.UsesEmbedded() {
		p := k.fail("nats.embedded.host", "an address of this machine alone, as there is no TLS and passwords could be read on the way", quote(e.Host))
		p.Hint = "set nats.embedded.tls, or nats.embedded.plaintext on a network of your own"
	}
}

// limits are the bounds of what sensors may send.
func (k *check) limits(in *Ingest) {
	const most = 1 << 40 // bytes: what no machine has
	k.size("ingest.total_pending_bytes", in.TotalPending, KiB, most)
	if in.TotalPending < in.PendingBytes {
		k.fail("ingest.total_pending_bytes", "room for the ingest.pending_bytes of one sensor, "+in.PendingBytes.String(), in.TotalPending.String())
	}
	s := &in.Sensors
	if s.MaxRate != 0 && (s.MaxRate < KiB || s.MaxRate > most) {
		k.fail("ingest.sensors.max_rate", fmt.Sprintf("%s to %s, or 0 for no bound", KiB, Size(most)), s.MaxRate.String())
	}
	// A message that is larger than can be taken at once would never be.
	if s.MaxRate != 0 && 2*s.MaxRate < in.MaxMessageBytes {
		k.fail("ingest.sensors.max_rate", "at least half of ingest.max_message_bytes, "+in.MaxMessageBytes.String(), s.MaxRate.String())
	}
	k.integer("ingest.sensors.max_rejects", s.MaxRejects, 0, 1<<20)
	k.integer("ingest.sensors.max_pixels", s.MaxPixels, 1, events.MaxSide*events.MaxSide)
	k.integer("ingest.sensors.total_pixels", s.TotalPixels, s.MaxPixels, 1<<40)
}

// inbox demands a prefix for answers that the daemon and its like publish to.
func (k *check) inbox(path, v string) {
	ok := len(v) <= 128 && strings.HasPrefix(v, "_")
	for t := range strings.SplitSeq(v, ".") {
		ok = ok && t != "" && !strings.ContainsFunc(t, func(r rune) bool { return !nameRune(r) })
	}
	if !ok {
		k.fail(path, "1 to 128 of A-Z, a-z, 0-9, - and _, and dots between, beginning with _ as _INBOX does", quote(v))
	}
}

// isName tells whether a text can be a token of a subject of its own.
func isName(s string) bool {
	return s != "" && s != "_" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return !nameRune(r) })
}
