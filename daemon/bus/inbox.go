package bus

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"
)

// inboxes is how NATS clients begin the subjects of answers.
const inboxes = nats.InboxPrefix // with its dot

// maxInbox bounds an inbox prefix, in bytes.
const maxInbox = 128

// InboxOf is the prefix of a user's inboxes: a token of its own below NATS' usual one. Permissions for it
// keep others from reading the user's answers, and whoever answers needs one for _INBOX.> alone. It is empty
// for a name that is no token.
func InboxOf(user string) string {
	if user == "" || len(user) > MaxSensorName || !restricted(user) {
		return ""
	}
	return inboxes + user
}

// checkInbox demands tokens of which the first begins with an underscore, as NATS' own do.
func checkInbox(prefix string) error {
	ok := len(prefix) <= maxInbox && strings.HasPrefix(prefix, "_")
	for t := range strings.SplitSeq(prefix, ".") {
		ok = ok && t != "" && restricted(t)
	}
	if !ok {
		return fmt.Errorf("inbox prefix: expected 1 to %d of A-Z, a-z, 0-9, - and _, and dots between, beginning with _ as _INBOX does, found %s",
			maxInbox, quote(prefix))
	}
	return nil
}

// IsInbox tells whether an answer may be published to the reply subject of a message from outside: one whose first
// token begins with an underscore, as inboxes do by convention, without wildcards, and none of saccade's own subjects.
//
// A server checks what a client publishes to, and not where it asks the answer to be sent. The daemon may publish
// to much that its clients may not: a sensor that gave the subject of another one's events as reply, or
// $JS.API.STREAM.DELETE.NAME, which takes an empty message, would have it done by the acknowledgement.
func (s Subjects) IsInbox(reply string) bool {
	return strings.HasPrefix(reply, "_") && !strings.ContainsAny(reply, "*> \t\r\n") && !strings.HasPrefix(reply, s.prefix+".")
}

// userOf is the name of the user in the first of some addresses, if it has one with a password: what stands
// there without one is a token, which is secret.
func userOf(target string) string {
	first, _, _ := strings.Cut(target, ",")
	u, err := url.Parse(strings.TrimSpace(first))
	if err != nil || u.User == nil {
		return ""
	}
	if _, named := u.User.Password(); !named {
		return ""
	}
	return u.User.Username()
}
