package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEmptyFileIsDefault(t *testing.T) {
	for _, text := range []string{
		"", "\n\n", "# nothing\n", "---\n", "{}\n", "\ufeff", "\ufeffnats:\n",
		"nats:\ningest:\n  sensors:\npipeline: {feast: {}}\n", "nats: ~\n", "~\n",
	} {
		c, err := Parse([]byte(text), "f")
		require.NoError(t, err, "%q", text)
		require.Equal(t, Default(), c, "%q", text)
	}
}

func TestParse(t *testing.T) {
	_, err := Parse([]byte(`
nats:
  prefix: "lab.saccade"   # a comment
  embedded: {port: -1, jetstream: False, max_payload: 2MiB}
ingest:
  sensors:
    accept: ["cam-*", 'door']
    max: 7
pipeline:
  feast:
    tau: 1m30s500ms
    eta: 1e-3
    delta_i: .5
    seed: 18446744073709551615
  "pool":
    cell: 3
  labels: {every: 250ms}
log:
  level: |-
    debug
`), "f")
	require.EqualError(t, err, `f:11:10: pipeline.feast.tau: expected 10µs to 1m, found 1m30.5s`)

	c, err := Parse([]byte("nats:\r\n  prefix: lab.saccade # a comment\r\n  embedded: {port: -1, jetstream: False, max_payload: 2MiB}\r\n"+
		"ingest:\r\n  sensors:\r\n    accept: [\"cam-*\", 'door']\r\n    max: 7\r\n"+
		"pipeline:\r\n  feast:\r\n    tau: 1s500ms\r\n    eta: 1e-3\r\n    delta_i: .5\r\n    seed: 18446744073709551615\r\n"+
		"  \"pool\":\r\n    cell: 3\r\nlog:\r\n  level: |-\r\n    debug\r\n"), "f")
	require.NoError(t, err)
	want := Default()
	want.NATS.Prefix = "lab.saccade"
	want.NATS.Embedded.Port = -1
	want.NATS.Embedded.JetStream = false
	want.NATS.Embedded.MaxPayload = 2 * MiB
	want.Ingest.Sensors.Accept = []string{"cam-*", "door"}
	want.Ingest.Sensors.Max = 7
	want.Pipeline.FEAST.Tau = 1500 * time.Millisecond
	want.Pipeline.FEAST.DeltaI = 0.5
	want.Pipeline.FEAST.Seed = 1<<64 - 1
	want.Pipeline.Pool.Cell = 3
	want.Log.Level = "debug"
	require.Equal(t, want, c)
}

// What is wrong, where, what was expected and what was found, for every way in
// which a file can be wrong.
func TestParseProblems(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown", "nats:\n  embbedded:\n    port: 1\n", "f:2:3: nats.embbedded: expected a field that exists, found an unknown one (did you mean embedded?)"},
		{"unknown, case", "pipeline:\n  feast:\n    deltaI: 1\n", "f:3:5: pipeline.feast.deltaI: expected a field that exists, found an unknown one (did you mean delta_i?)"},
		{"elsewhere", "nats:\n  port: 4222\n", "f:2:3: nats.port: expected a field that exists, found an unknown one (did you mean nats.embedded.port?)"},
		{"nothing close", "log:\n  colour: red\n", "f:2:3: log.colour: expected a field that exists, found an unknown one (known are level, format)"},
		{"unprintable name", "log: {\"a\\nb\": 1}\n", `f:1:7: log."a\nb": expected a field that exists, found an unknown one (known are level, format)`},
		{"duplicate", "log:\n  level: info\n  level: warn\n", "f:3:3: log.level: expected every field once, found a second one; the first is at 2:10"},
		{"duplicate section", "log: {}\nnats: {}\n\"log\": {}\n", "f:3:1: log: expected every field once, found a second one; the first is at 1:6"},
		{"text for a section", "nats: here\n", `f:1:7: nats: expected a section with fields, found "here"`},
		{"list for a section", "nats: [1]\n", `f:1:7: nats: expected a section with fields, found a list`},
		{"section for a text", "nats:\n  prefix:\n    a: 1\n", `f:3:5: nats.prefix: expected a text ("" for none), found a section`},
		{"nothing for a text", "nats:\n  prefix:\n", `f:2:3: nats.prefix: expected a text ("" for none), found nothing`},
		{"text for a list", "ingest:\n  sensors:\n    accept: all\n", `f:3:13: ingest.sensors.accept: expected a list, found "all"`},
		{"list in a list", "ingest:\n  sensors:\n    accept:\n    - [a]\n", `f:4:7: ingest.sensors.accept[0]: expected a text ("" for none), found a list`},
		{"text for a number", "nats: {embedded: {port: many}}", `f:1:25: nats.embedded.port: expected a whole number, found "many"`},
		{"fraction for a whole number", "nats: {embedded: {port: 1.5}}", `f:1:25: nats.embedded.port: expected a whole number, found "1.5"`},
		{"quoted number", "nats: {embedded: {port: \"1\"}}", `f:1:25: nats.embedded.port: expected a whole number, found "1" (without the quotes)`},
		{"hexadecimal", "nats: {embedded: {port: 0x10}}", `f:1:25: nats.embedded.port: expected a whole number, found "0x10"`},
		{"huge number", "nats: {embedded: {port: 99999999999999999999}}", `f:1:25: nats.embedded.port: expected a whole number, found "99999999999999999999"`},
		{"negative seed", "pipeline: {feast: {seed: -1}}", `f:1:26: pipeline.feast.seed: expected a whole number from 0, found "-1"`},
		{"yes", "pipeline: {feast: {learning: yes}}", `f:1:30: pipeline.feast.learning: expected true, false or auto, found "yes" (true for yes, false for no)`},
		{"no unit", "pipeline: {feast: {tau: 20}}", `f:1:25: pipeline.feast.tau: expected a duration such as 20ms or 1m30s, found "20" (a duration needs its unit)`},
		{"infinite", "pipeline: {feast: {eta: .inf}}", `f:1:25: pipeline.feast.eta: expected a number, found ".inf"`},
		{"size", "ingest: {pending_bytes: 1.5MiB}", `f:1:25: ingest.pending_bytes: expected a size such as 512, 64KiB or 1MiB, found "1.5MiB"`},
		{"enumeration", "log: {level: warning}", `f:1:14: log.level: expected debug or info or warn or error, found "warning"`},
		{"enumeration, close", "log: {level: INFO}", `f:1:14: log.level: expected debug or info or warn or error, found "INFO" (did you mean info?)`},
		{"anchor", "log: &x {}\n", "f:1:6: expected plain fields and lists, found an anchor (&)"},
		{"alias", "ingest: {sensors: {accept: [*]}}", `f:1:29: expected plain fields and lists, found an alias (*) (a name pattern that starts with * needs quotes: "*")`},
		{"merge", "log:\n  <<: {}\n", "f:2:3: expected plain fields and lists, found a merge key (<<)"},
		{"tag", "log: !!map {}\n", "f:1:6: expected plain fields and lists, found a tag (!)"},
		{"directive", "%YAML 1.2\n---\nlog: {}\n", "f:1:1: expected plain fields and lists, found a directive (%)"},
		{"complex key", "? log\n: {}\n", "f:1:1: expected plain fields and lists, found a complex key (?)"},
		{"documents", "log: {}\n---\nnats: {}\n", "f:3:5: expected one document, found a second one"},
		{"a list", "- log\n", "f:1:1: expected a section with fields, found a list"},
		{"a text", "log\n", `f:1:1: expected a section with fields, found "log"`},
		{"tab", "log:\n\tlevel: info\n", "f:2:1: expected YAML, found a mistake: found character '\t' that cannot start any token"},
		{"unclosed", "log: {level: \"info}\n", "f:1:14: expected YAML, found a mistake: could not find end character of double-quoted text"},
		{"not UTF-8", "log:\n  # \xe9t\xe9\n", "f:2:5: expected text in UTF-8, found the byte 0xe9"},
		{"deep", strings.Repeat("[", 40_000), "f:1:17: expected plain fields and lists, found structure more than 16 deep"},
		{"deep in a line", strings.Repeat("- ", 20_000), "f:1:33: expected plain fields and lists, found structure more than 16 deep"},
		{"many", strings.Repeat("a:\n", 20_000), "f:4097:2: expected plain fields and lists, found more than 4096 fields and entries"},
		{"large", strings.Repeat("#", MaxFileBytes+1), "f: expected a file of at most 65536 bytes, found a larger one"},
		{"long list", "ingest: {sensors: {accept: [" + strings.Repeat("a,", 257) + "]}}", "f:1:28: ingest.sensors.accept: expected a list of at most 256, found 257"},
		{"long text", "nats: {prefix: " + strings.Repeat("é", 100) + "}", `f:1:16: nats.prefix: expected 1 to 64 of A-Z, a-z, 0-9, - and _, and dots between, found "` + strings.Repeat("é", 32) + `"...`},
		{"several", "log: {level: x, format: y}\nnats: {zzz: 1}", "f:1:14: log.level: expected debug or info or warn or error, found \"x\"\n" +
			"f:1:25: log.format: expected text or json, found \"y\"\n" +
			"f:2:8: nats.zzz: expected a field that exists, found an unknown one (known are url, context, creds, nkey, user, password_file, inbox_prefix, tls, prefix, embedded)"},
		// Where the field that does not fit is not in the file, its section's place is given.
		{"entry", "nats:\n  embedded:\n    users:\n    - {user: a}\n    - 7\n", "f:4:7: nats.embedded.users[0].password_file: expected a file with the user's password, found \"\"\n" +
			"f:5:7: nats.embedded.users[1]: expected a section with fields, found \"7\""},
		{"beside a default", "ingest:\n  pending_bytes: 64KiB\n", "f:2:18: ingest.pending_bytes: expected room for one message of ingest.max_message_bytes, 1MiB, found 64KiB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := Parse([]byte(test.text), "f")
			require.EqualError(t, err, test.want)
			require.Zero(t, c)
			var all *Error
			require.ErrorAs(t, err, &all)
			require.Len(t, all.Problems, strings.Count(test.want, "\n")+1)
		})
	}
}

func TestManyProblemsAreCutShort(t *testing.T) {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "x%d: 1\n", i)
	}
	_, err := Parse([]byte(b.String()), "f")
	require.ErrorContains(t, err, "and 30 more")
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Len(t, e.Problems, 50)
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "saccade.yaml")
	require.NoError(t, os.WriteFile(file, []byte("log: {format: json}\n"), 0o600))
	c, err := Load(file)
	require.NoError(t, err)
	require.Equal(t, Log{Level: "info", Format: FormatJSON}, c.Log)

	_, err = Load(filepath.Join(dir, "missing.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "missing.yaml")
	_, err = Load(dir)
	require.ErrorContains(t, err, dir)

	require.NoError(t, os.WriteFile(file, []byte("log: 1"), 0o600))
	_, err = Load(file)
	require.ErrorContains(t, err, file+":1:6: log: ")

	require.NoError(t, os.WriteFile(file, make([]byte, 2*MaxFileBytes), 0o600))
	_, err = Load(file)
	require.ErrorContains(t, err, "at most 65536 bytes")
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "nats: {url: nats://h:1}", "log:\n  level: debug\n", "pipeline: {feast: {tau: 1ms, eta: 1e-4}}",
		"nats:\n  embedded:\n    host: 0.0.0.0\n    users:\n    - {user: a, password_file: b}\n", "? a\n: b\n", "a: &b [*b]", "- - - a",
		"log: |\n  x\n", "log: >-\n", "\"a\": 'b'", ": 1", "{", "[", "nats: {prefix: \"\\u0041\\x41\"}", "a: b: c", "---\n...\n---\n", "%TAG",
		"nats: {user: \"a\\\"b\\\\\", password_file: x, url: nats://h}", "!!", "a:\n\t- b", "\ufeff# x", "log:\r\n level: info\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data, "fuzz")
		if err != nil {
			require.Zero(t, c)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Problems)
			require.NotEmpty(t, err.Error())
			for _, p := range e.Problems {
				require.NotEmpty(t, p.Want)
				require.NotEmpty(t, p.Got)
			}
			return
		}
		require.NoError(t, c.Validate())
		var b strings.Builder
		require.NoError(t, Print(&b, c))
		again, err := Parse([]byte(b.String()), "printed")
		require.NoError(t, err)
		require.Equal(t, c, again)
	})
}

func TestProblem(t *testing.T) {
	_, err := Parse([]byte("log: 1"), "f")
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, []*Problem{{File: "f", Line: 1, Column: 6, Path: "log", Want: "a section with fields", Got: `"1"`}}, e.Problems)
}

// What `config print` wrote before there were running labels, decays and annealing is
// the same configuration now, but that it asks for learning by name.
func TestConfigurationOfBefore(t *testing.T) {
	c, err := Load(filepath.Join("testdata", "before-descriptors.yaml"))
	require.NoError(t, err)
	want := Default()
	want.Pipeline.FEAST.Learning = On
	require.Equal(t, want, c)
}
