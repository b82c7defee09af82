package bus

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// The names in JSON are what other programs rely on.
func TestDocumentsAsJSON(t *testing.T) {
	data, err := Encode(Label{
		Sensor: "a", Seq: new(uint64(0)), Recording: "r", Kind: LabelRunning, Label: "7", Confidence: 0.5, Truth: "1", FirstUS: 1, LastUS: 2, Events: 3,
		Scores: map[string]float64{"7": 0.5, "1": 0.25},
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"sensor":"a","seq":0,"recording":"r","kind":"running","label":"7","confidence":0.5,"truth":"1","t_first_us":1,"t_last_us":2,"events":3,"scores":{"1":0.25,"7":0.5}}`, string(data))
	data, err = Encode(Label{Sensor: "a", Label: "7"})
	require.NoError(t, err)
	require.JSONEq(t, `{"sensor":"a","label":"7","confidence":0,"t_first_us":0,"t_last_us":0,"events":0}`, string(data))

	data, err = Encode(Reject{Sensor: "a", Seq: new(uint64(1)), Subject: "s", Reason: ReasonPayload, Error: "e", Offset: 8, Want: "w", Got: "g", Bytes: 2, Head: []byte{0, 255}})
	require.NoError(t, err)
	require.JSONEq(t, `{"sensor":"a","seq":1,"subject":"s","reason":"payload","error":"e","offset":8,"want":"w","got":"g","bytes":2,"head":"AP8="}`, string(data))

	data, err = Encode(Status{Sensor: "a", Time: time.Unix(0, 0).UTC(), Learning: true})
	require.NoError(t, err)
	require.JSONEq(t, `{"sensor":"a","time":"1970-01-01T00:00:00Z","uptime_s":0,"device":"","encoding":"","width":0,"height":0,"recordings":0,"t_last_us":0,
		"messages":0,"bytes":0,"events":0,"features":0,"missed":0,"border":0,"outside":0,"noise":0,"ignored":0,"labels":0,"rejects":0,"gaps":0,"duplicates":0,"refused":0,"throttled":0,
		"missed_rate":0,"threshold_mean":0,"threshold_min":0,"threshold_max":0,"learning":true,"settled":false,"queue_depth":0,"queue_bytes":0}`, string(data))

	data, err = Encode(Status{Filtered: Filtered{Background: 3}})
	require.NoError(t, err)
	require.Contains(t, string(data), `"ignored":0,"filtered":{"refractory":0,"background":3},"labels":0`)

	_, err = Encode(Label{Confidence: math.NaN()})
	require.ErrorContains(t, err, "labels message")
}

func TestDocumentsRoundTrip(t *testing.T) {
	roundTrip(t, Label{Sensor: "a", Seq: new(uint64(math.MaxUint64)), Label: "é", Confidence: 1.0 / 3, FirstUS: math.MinInt64, Scores: map[string]float64{"": -1e300}})
	roundTrip(t, Reject{Subject: "x.y", Reason: ReasonHeader, Header: HeaderSeq, Head: []byte{1, 2, 3}})
	roundTrip(t, Status{Sensor: "a", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), MissedRate: 0.1, Events: 1 << 60, Seq: new(uint64(3))})
	// Fields of a newer version are no mistake.
	l, err := Decode[Label]([]byte(`{"label":"7","novelty":[1,{"a":2}]}`))
	require.NoError(t, err)
	require.Equal(t, Label{Label: "7"}, l)
}

func roundTrip[T Document](t *testing.T, want T) {
	t.Helper()
	data, err := Encode(want)
	require.NoError(t, err)
	got, err := Decode[T](data)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestDecodeErrors(t *testing.T) {
	for text, want := range map[string]string{
		``:                         `labels at byte 0: expected JSON, found unexpected end of JSON input`,
		`{"label":}`:               `labels at byte 10: expected JSON, found invalid character '}' looking for beginning of value`,
		`{} {}`:                    `labels at byte 4: expected JSON, found invalid character '{' after top-level value`,
		`[]`:                       `labels at byte 1: expected bus.Label in , found array`,
		`{"events":1.5}`:           `labels at byte 13: expected int64 in events, found number 1.5`,
		`{"seq":-1}`:               `labels at byte 9: expected uint64 in seq, found number -1`,
		strings.Repeat(" ", 1<<19): `labels at byte 262144: expected at most 262144 bytes, found 524288`,
	} {
		_, err := Decode[Label]([]byte(text))
		require.EqualError(t, err, want)
	}
	_, err := Decode[Reject]([]byte(`{"head":"?"}`))
	require.ErrorContains(t, err, "rejects at byte 0: expected JSON of the message, found illegal base64")
	_, err = Decode[Status]([]byte(`{"time":"noon"}`))
	require.ErrorContains(t, err, "status at byte 0: expected JSON of the message, found parsing time")
}

func TestNewReject(t *testing.T) {
	payload := bytes.Repeat([]byte{7}, 1000)
	r := NewReject("saccade.a.events", payload, ReasonPayload,
		fmt.Errorf("decoding: %w", &events.FormatError{Format: "mono", Offset: 9, Want: "8 bytes", Got: "3"}))
	require.Equal(t, Reject{
		Subject: "saccade.a.events", Reason: ReasonPayload, Error: "decoding: mono at byte 9: expected 8 bytes, found 3",
		Offset: 9, Want: "8 bytes", Got: "3", Bytes: 1000, Head: payload[:256],
	}, r)
	payload[0] = 8
	require.EqualValues(t, 7, r.Head[0], "the head is a copy")

	r = NewReject("s", nil, ReasonHeader, &HeaderError{Header: HeaderSeq, Want: "w", Got: "g"})
	require.Equal(t, Reject{Subject: "s", Reason: ReasonHeader, Error: "header Saccade-Seq: expected w, found g", Header: HeaderSeq, Want: "w", Got: "g"}, r)

	r = NewReject(strings.Repeat("s", 5000), nil, ReasonSensor, errors.New(strings.Repeat("e", 5000)))
	data, err := Encode(r)
	require.NoError(t, err)
	require.Less(t, len(data), 4000)
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"sensor":"a","seq":1,"label":"7","scores":{"a":1e308}}`, `{"head":"AAAA"}`, `{"time":"2026-01-02T03:04:05Z"}`, `[`, `{"a":`, `null`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		decodes[Label](t, data)
		decodes[Reject](t, data)
		decodes[Status](t, data)
	})
}

func decodes[T Document](t *testing.T, data []byte) {
	m, err := Decode[T](data)
	if err != nil {
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		return
	}
	again, err := Encode(m)
	require.NoError(t, err)
	_, err = Decode[T](again)
	require.NoError(t, err)
}
