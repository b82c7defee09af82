package replay

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRequests(t *testing.T) {
	for _, c := range []Command{
		{Op: OpPause},
		{Op: OpStatus},
		{Op: OpSeek, To: 1500 * time.Millisecond},
		{Op: OpSeek, To: -10 * time.Second, Relative: true},
		{Op: OpSeek},
		{Op: OpSpeed, Speed: 0.5},
		{Op: OpSpeed},
	} {
		var data []byte
		if r := c.request(); r != nil {
			var err error
			data, err = json.Marshal(r)
			require.NoError(t, err)
		}
		got, err := parseCommand(c.Op, data)
		require.NoError(t, err)
		require.Equal(t, c, got)
	}
	for _, test := range []struct {
		op         Op
		data, want string
	}{
		{OpPause, `{"now":true}`, `unknown field "now"`},
		{OpPause, `x`, "expected a JSON object"},
		{OpPause, strings.Repeat(" ", MaxRequest+1), "at most 1024 bytes, found 1025"},
		{OpSeek, ``, "found nothing"},
		{OpSeek, `{}`, "expected one of to_us and by_us"},
		{OpSeek, `{"to_us":1,"by_us":1}`, "expected one of to_us and by_us"},
		{OpSeek, `{"to_us":-1}`, "at 0 or behind it"},
		{OpSeek, `{"to_us":9223372036854775807}`, "at most 9223372036854775 microseconds"},
		{OpSeek, `{"by_us":-9223372036854775807}`, "microseconds, found -9"},
		{OpSeek, `{"to_us":1.5}`, "cannot unmarshal"},
		{OpSpeed, `{}`, "expected a number, found nothing"},
		{OpSpeed, `{"speed":-1}`, "found -1"},
		{OpSpeed, `{"speed":1e10}`, "found 1e+10"},
		{OpSpeed, `{"speed":1}{`, "at byte 11: expected the end of the request"},
		{OpNext, `{} {}`, "expected the end of the request"},
	} {
		_, err := parseCommand(test.op, []byte(test.data))
		require.ErrorContains(t, err, test.want, "%s %s", test.op, test.data)
	}
}

// Whatever comes over the network is a command that can be done, or an error.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"to_us":1500000}`, `{"by_us":-1000000}`, `{"speed":0.5}`, `{"speed":1e999}`, `{"to_us":1,"by_us":2}`,
		`{"by_us":-9223372036854775808}`, `[]`, "null", `{"speed":null}`, "{\"to_us\":1}\x00",
	} {
		for op := range ops {
			f.Add(uint8(op), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, op uint8, data []byte) {
		want := Op(op % uint8(ops))
		c, err := parseCommand(want, data)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		require.Equal(t, want, c.Op)
		require.NoError(t, c.check())
		if c.Op != OpSeek {
			require.Zero(t, c.To)
		}
	})
}
