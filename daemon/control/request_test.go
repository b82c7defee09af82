package control

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// A request says what it must and nothing else, or it is refused with where and why.
func TestRequests(t *testing.T) {
	l, err := parseLearning([]byte(`{"sensor":"cam1","learning":false}`))
	require.NoError(t, err)
	require.Equal(t, "cam1", l.Sensor)
	require.False(t, *l.Learning)
	s, err := parseSensors(nil)
	require.NoError(t, err)
	require.Zero(t, s)
	s, err = parseSensors([]byte(` {"after":"a","limit":3} `))
	require.NoError(t, err)
	require.Equal(t, SensorsRequest{"a", 3}, s)

	learning := func(b []byte) error { _, err := parseLearning(b); return err }
	sensor := func(b []byte) error { _, err := parseSensor(b); return err }
	sensors := func(b []byte) error { _, err := parseSensors(b); return err }
	for _, c := range []struct {
		parse      func([]byte) error
		data, want string
	}{
		{learning, "", "expected a JSON object, found nothing"},
		{learning, `{"sensor":"a"`, "unexpected EOF"},
		{learning, `[]`, "cannot unmarshal array"},
		{learning, `{"sensor":"a","learning":"off"}`, "cannot unmarshal string"},
		{learning, `{"sensor":"a","learnin":false}`, `unknown field "learnin"`},
		{learning, `{"sensor":"a"}`, "learning: expected true or false"},
		{learning, `{"sensor":"a","learning":null}`, "learning: expected true or false"},
		{learning, `null`, "sensor name"},
		{learning, `{"learning":true}`, "sensor name"},
		{learning, `{"sensor":"a","learning":true} {}`, "at byte 30: expected the end"},
		{learning, `{"sensor":"a","learning":true}x`, "at byte 30: expected the end"},
		{sensor, `{"sensor":"a.b"}`, "sensor name"},
		{sensor, `{"sensor":"_"}`, "reserved"},
		{sensor, `{"sensor":"*"}`, "sensor name"},
		{sensor, `{"sensor":"` + strings.Repeat("a", MaxRequest) + `"}`, "at most 4096 bytes, found 4109"},
		{sensors, strings.Repeat(" ", MaxRequest+1), "at most 4096 bytes"},
		{sensors, `{"after":">"}`, "after: sensor name"},
		{sensors, `{"limit":-1}`, "limit: expected 0 or more"},
	} {
		err := c.parse([]byte(c.data))
		require.ErrorContains(t, err, c.want, "%.40s", c.data)
		no, ok := errors.AsType[*Error](err)
		require.True(t, ok)
		require.Equal(t, codeBad, no.Code)
	}
}

// FuzzRequests reads anything as each kind of request: it is refused as 400, or says
// what can be done, and says the same when it is written and read again.
func FuzzRequests(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"sensor":"cam1","learning":false}`, `{"sensor":"cam1"}`, `{"after":"a","limit":3}`, `{"sensor":"a","sensor":"b"}`,
		`{"SENSOR":"a"}`, `{"sensor":"\u0061"}`, `{"limit":1e2}`, "[[[[[[[[", `{"sensor":{"sensor":{}}}`, "\xff", `{"sensor":"a"}{}`,
	} {
		f.Add([]byte(s))
	}
	refused := func(t *testing.T, err error) bool {
		if err == nil {
			return false
		}
		no, ok := errors.AsType[*Error](err)
		require.True(t, ok)
		require.Equal(t, codeBad, no.Code)
		require.LessOrEqual(t, len(headerText(no.Description)), maxDescription+len("..."))
		require.NotContains(t, headerText(no.Description), "\n")
		return true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := parseLearning(data); !refused(t, err) {
			require.NoError(t, bus.CheckSensor(r.Sensor))
			require.NotNil(t, r.Learning)
			again, err := parseLearning(encoded(t, r))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		if r, err := parseSensor(data); !refused(t, err) {
			require.NoError(t, bus.CheckSensor(r.Sensor))
			again, err := parseSensor(encoded(t, r))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		if r, err := parseSensors(data); !refused(t, err) {
			require.GreaterOrEqual(t, r.Limit, 0)
			again, err := parseSensors(encoded(t, r))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
	})
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return data
}

// What stands in a header is one line of bounded length, whatever an error repeats.
func TestHeaderText(t *testing.T) {
	require.Equal(t, "a  b", headerText("a\r\nb\n"))
	require.NotContains(t, headerText("a\r\nNats-Service-Error-Code: 200"), "\n")
	require.NotContains(t, headerText("a\r\nb"), "\r")
	require.Equal(t, "?", headerText("\xff"))
	require.Len(t, headerText(strings.Repeat("x", 10_000)), maxDescription+3)
}
