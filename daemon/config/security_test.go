package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Users of the embedded server with roles, TLS, and bounds: what is accepted, and what is refused with which words.
func TestSecurity(t *testing.T) {
	for _, good := range []string{
		"nats: {embedded: {users: [{user: a, password_file: f, role: sensor, sensors: [cam1, \"*\"]}]}}",
		"nats: {embedded: {users: [{user: a, password_file: f, role: viewer}, {user: b, password_file: f, role: viewer, sensors: [x]}]}}",
		"nats: {embedded: {users: [{user: \"any name\", password_file: f, role: full}, {user: c d, password_file: f}]}}",
		"nats: {embedded: {users: [{user: a, password_file: f, role: operator}], tls: {cert: c, key: k, client_ca: a}, host: 0.0.0.0}}",
		"nats: {embedded: {users: [{user: a, password_file: f}], plaintext: true, host: \"::\"}}",
		"nats: {url: \"nats://h\", creds: f, inbox_prefix: _INBOX.saccade}",
		"ingest: {total_pending_bytes: 32MiB, sensors: {max_rate: 512KiB, max_rejects: 0, max_pixels: 1, total_pixels: 1}}",
	} {
		_, err := Parse([]byte(good), "f")
		require.NoError(t, err, good)
	}
	for text, want := range map[string]string{
		"nats: {embedded: {users: [{user: a, password_file: f, role: king}]}}":                            `users[0].role: expected full or sensor or viewer or operator, found "king"`,
		"nats: {embedded: {users: [{user: a, password_file: f, role: viewr}]}}":                           "did you mean viewer?",
		"nats: {embedded: {users: [{user: a b, password_file: f, role: viewer}]}}":                        "users[0].user: expected 1 to 64 of",
		"nats: {embedded: {users: [{user: a, password_file: f, role: sensor}]}}":                          "users[0].sensors: expected the names of sensors",
		"nats: {embedded: {users: [{user: a, password_file: f, role: sensor, sensors: [\"lab-*\"]}]}}":    "users[0].sensors[0]: expected a sensor's name",
		"nats: {embedded: {users: [{user: a, password_file: f, role: sensor, sensors: [\"a.b\"]}]}}":      "users[0].sensors[0]: expected a sensor's name",
		"nats: {embedded: {users: [{user: a, password_file: f, role: sensor, sensors: [\"_\"]}]}}":        "users[0].sensors[0]: expected a sensor's name",
		"nats: {embedded: {users: [{user: a, password_file: f, role: operator, sensors: [a]}]}}":          "users[0].sensors: expected none but with role sensor or viewer",
		"nats: {embedded: {users: [{user: a, password_file: f, sensors: [a]}]}}":                          "users[0].sensors: expected none",
		"nats: {embedded: {users: [{user: a, password_file: f}], host: 0.0.0.0}}":                         "there is no TLS and passwords could be read on the way",
		"nats: {embedded: {tls: {cert: c, key: k}, host: 0.0.0.0}}":                                       "as there are no users",
		"nats: {embedded: {plaintext: true, host: 0.0.0.0}}":                                              "as there are no users",
		"nats: {embedded: {tls: {cert: c}}}":                                                              "nats.embedded.tls.key: expected a value beside",
		"nats: {embedded: {tls: {key: c}}}":                                                               "nats.embedded.tls.cert: expected a value beside",
		"nats: {embedded: {tls: {client_ca: c}}}":                                                         "nats.embedded.tls.cert: expected a value beside nats.embedded.tls.client_ca",
		"nats: {inbox_prefix: _INBOX.a}":                                                                  "nats.inbox_prefix: expected nothing beside the embedded server",
		"nats: {url: \"nats://h\", inbox_prefix: saccade.a}":                                              "beginning with _ as _INBOX does",
		"nats: {url: \"nats://h\", inbox_prefix: \"_INBOX.>\"}":                                           "beginning with _",
		"ingest: {total_pending_bytes: 1MiB}":                                                             "ingest.total_pending_bytes: expected room for the ingest.pending_bytes of one sensor, 32MiB, found 1MiB",
		"ingest: {sensors: {max_rate: 1}}":                                                                "ingest.sensors.max_rate: expected 1KiB to 1024GiB, or 0 for no bound, found 1",
		"ingest: {sensors: {max_rate: 500KiB}}":                                                           "at least half of ingest.max_message_bytes",
		"ingest: {sensors: {max_rejects: -1}}":                                                            "ingest.sensors.max_rejects: expected 0 to",
		"ingest: {sensors: {max_pixels: 0}}":                                                              "ingest.sensors.max_pixels: expected 1 to 16777216, found 0",
		"ingest: {sensors: {max_pixels: 100, total_pixels: 99}}":                                          "ingest.sensors.total_pixels: expected 100 to",
		"nats: {url: \"nats://user:secret@h\"}":                                                           `found "nats://***@h"`,
		"nats: {embedded: {users: [{user: a, password: secret}]}}":                                        "users[0].password: expected a field that exists",
		"nats: {embedded: {users: [{user: a, password_file: f, role: sensor, sensors: [" + long + "]}]}}": "users[0].sensors[0]",
	} {
		_, err := Parse([]byte(text), "f")
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "secret")
	}
}

var long = strings.Repeat("a", 65)

// A list within an entry of a list is printed as it is read.
func TestPrintClients(t *testing.T) {
	c := Default()
	c.NATS.Embedded.Users = []Client{{User: "cam", PasswordFile: "/etc/p", Role: RoleSensor, Sensors: []string{"cam1", "*"}}, {User: "b", PasswordFile: "p"}}
	var b strings.Builder
	require.NoError(t, Print(&b, c))
	require.Contains(t, b.String(), `      - {user: cam, password_file: "/etc/p", role: sensor, sensors: [cam1, "*"]}`+"\n")
	back, err := Parse([]byte(b.String()), "f")
	require.NoError(t, err)
	require.Equal(t, c, back)
}
