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
	anneal := func(b []byte) error { _, err := parseAnneal(b); return err }
	load := func(b []byte) error { _, err := parseLoad(b); return err }
	assign := func(b []byte) error { _, err := parsePipeline(b); return err }
	upload := func(b []byte) error { _, err := parseUpload(b); return err }
	part := func(upload, name, size, offset, data string) string {
		return `{"upload":"` + upload + `","name":"` + name + `","size":` + size + `,"digest":"` + digestOf(nil) + `","offset":` + offset + `,"data":` + data + `}`
	}
	require.NoError(t, upload([]byte(part("u", "m", "9", "6", `"AAAA"`))))
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
		{anneal, `{"sensor":"a"}`, "expected factor, eta, delta_i, delta_e or schedule, found none"},
		{anneal, `{"sensor":"a","factor":-1}`, "factor: expected 0 to 1000, found -1"},
		{anneal, `{"sensor":"a","factor":1,"eta":1}`, "factor: expected none beside"},
		{anneal, `{"sensor":"a","factor":1,"layer":-1}`, "layer: expected 1 or more"},
		{anneal, `{"sensor":"a","schedule":{"every":3}}`, `unknown field "every"`},
		{load, `{"sensor":"a"}`, "name: expected 1 to 255 bytes"},
		{load, `{"sensor":"a","name":"a\nb"}`, "name: expected 1 to 255 bytes"},
		{load, `{"sensor":"a","name":"b","bucket":"c.d"}`, "bucket: expected"},
		{load, `{"sensor":"a","name":"b","digest":"SHA-256=abc"}`, "digest: expected"},
		{assign, `{"sensor":"a"}`, "pipeline: expected a pipeline's name"},
		{assign, `{"sensor":"a","pipeline":"a*"}`, "pipeline: expected a pipeline's name"},
		{upload, part("u 1", "m", "9", "0", `"AAAA"`), "upload: expected 1 to 64"},
		{upload, part("", "m", "9", "0", `"AAAA"`), "upload: expected 1 to 64"},
		{upload, part("u", "", "9", "0", `"AAAA"`), "name: expected 1 to 255 bytes"},
		{upload, part("u", `a\u000a`, "9", "0", `"AAAA"`), "name: expected 1 to 255 bytes"},
		{upload, part("u", "m", "0", "0", `"AAAA"`), "size: expected 1 to 268435456 bytes, found 0"},
		{upload, part("u", "m", "268435457", "0", `"AAAA"`), "size: expected 1 to 268435456 bytes, found 268435457"},
		{upload, part("u", "m", "1e99", "0", `"AAAA"`), "cannot unmarshal"},
		{upload, part("u", "m", "9", "-1", `"AAAA"`), "offset: expected 0 to 6 for 3 of 9 bytes, found -1"},
		{upload, part("u", "m", "9", "7", `"AAAA"`), "offset: expected 0 to 6 for 3 of 9 bytes, found 7"},
		{upload, part("u", "m", "2", "0", `"AAAA"`), "offset: expected 0 to 0 for 3 of 2 bytes, found 0"},
		{upload, part("u", "m", "9", "9223372036854775807", `"AAAA"`), "offset: expected 0 to 6"},
		{upload, part("u", "m", "9", "0", `""`), "data: expected 1 to 524288 bytes, found 0"},
		{upload, part("u", "m", "9", "0", `"A"`), "illegal base64"},
		{upload, part("u", "m", "9", "0", `"AAAA","bucket":"x"`), `unknown field "bucket"`},
		{upload, part("u", "m", "900000", "0", `"`+strings.Repeat("A", (MaxPart/3+1)*4)+`"`), "data: expected 1 to 524288 bytes, found 524289"},
		{upload, strings.Repeat(" ", maxPartRequest+1), "at most 703148 bytes, found 703149"},
		{upload, strings.Replace(part("u", "m", "9", "0", `"AAAA"`), "SHA-256", "SHA-512", 1), "digest: expected SHA-256="},
		{parseNothing, `{"x":1}`, `unknown field "x"`},
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
		`{"SENSOR":"a"}`, `{"sensor":"\u0061"}`, `{"sensor":"a","factor":0.5}`, `{"sensor":"a","eta":1e-3,"layer":2,"schedule":{"every_events":3,"factor":0.5}}`,
		`{"sensor":"a","name":"m","digest":"SHA-256=","learning":null}`, `{"sensor":"a","pipeline":"auto"}`, `{"limit":1e2}`, "[[[[[[[[",
		`{"upload":"u","name":"m","size":9,"digest":"` + digestOf(nil) + `","offset":3,"data":"AAAA","replace":true}`, `{"upload":"u","size":-1,"offset":1e2}`, `{"sensor":{"sensor":{}}}`, "\xff", `{"sensor":"a"}{}`,
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
		if r, err := parseAnneal(data); !refused(t, err) {
			again, err := parseAnneal(encoded(t, r))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		if r, err := parseLoad(data); !refused(t, err) {
			require.NotEmpty(t, r.Name)
			require.LessOrEqual(t, len(r.Name), maxName)
			again, err := parseLoad(encoded(t, r))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		if r, err := parsePipeline(data); !refused(t, err) {
			require.NoError(t, bus.CheckSensor(r.Pipeline))
			again, err := parsePipeline(encoded(t, r))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		if r, err := parseUpload(data); !refused(t, err) {
			require.NotEmpty(t, r.Upload)
			require.NotEmpty(t, r.Data)
			require.LessOrEqual(t, r.Offset+int64(len(r.Data)), r.Size)
			require.GreaterOrEqual(t, r.Offset, int64(0))
			require.LessOrEqual(t, r.Size, int64(MaxModel))
			again, err := parseUpload(encoded(t, r))
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		refused(t, parseNothing(data))
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
