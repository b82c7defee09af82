package bus

import (
	"math"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

func TestEventsHeaderDefaults(t *testing.T) {
	for _, h := range []nats.Header{nil, {}, {"Other": {"x"}}, {HeaderSeq: {}}} {
		e, err := ParseEventsHeader(h)
		require.NoError(t, err)
		require.Equal(t, EventsHeader{Encoding: "mono"}, e)
	}
}

func TestEventsHeader(t *testing.T) {
	e, err := ParseEventsHeader(nats.Header{
		HeaderEncoding: {"evt3"}, HeaderWidth: {"1280"}, HeaderHeight: {"720"}, HeaderTimeBase: {"1700000000000000000"},
		HeaderSession: {"s-1"}, HeaderSeq: {"18446744073709551615"}, HeaderOldest: {"5"}, HeaderRecording: {"Test/7/00023.bin"}, HeaderEnd: {"1"}, HeaderTruth: {"7"},
	})
	require.NoError(t, err)
	require.Equal(t, EventsHeader{
		Encoding: "evt3", Geometry: events.Geometry{Width: 1280, Height: 720}, TimeBase: 1700000000000000000,
		Session: "s-1", Seq: math.MaxUint64, HasSeq: true, Oldest: 5, HasOldest: true, Recording: "Test/7/00023.bin", End: true, Truth: "7",
	}, e)
	require.Equal(t, events.MessageHeader{Geometry: events.Geometry{Width: 1280, Height: 720}, TimeBase: 1700000000000000000}, e.Message())
}

func TestEventsHeaderErrors(t *testing.T) {
	for _, test := range []struct {
		h    nats.Header
		want string
	}{
		{nats.Header{HeaderEncoding: {"evt 3"}}, `header Saccade-Encoding: expected a name of A-Z, a-z, 0-9, - and _, found "evt 3"`},
		{nats.Header{HeaderEncoding: {strings.Repeat("e", 33)}}, `header Saccade-Encoding: expected at most 32 bytes, found 33 bytes`},
		{nats.Header{HeaderWidth: {"0"}, HeaderHeight: {"1"}}, `header Saccade-Width: expected 1 to 4096, found "0"`},
		{nats.Header{HeaderWidth: {"1"}, HeaderHeight: {"4097"}}, `header Saccade-Height: expected 1 to 4096, found "4097"`},
		{nats.Header{HeaderWidth: {"-1"}}, `header Saccade-Width: expected 1 to 4096, found "-1"`},
		{nats.Header{HeaderWidth: {"34"}}, `header Saccade-Height: expected a height beside Saccade-Width, found none`},
		{nats.Header{HeaderHeight: {"34"}}, `header Saccade-Width: expected a width beside Saccade-Height, found none`},
		{nats.Header{HeaderTimeBase: {"9223372036854775808"}}, `header Saccade-Time-Base: expected 0 to 9223372036854775807, found "9223372036854775808"`},
		{nats.Header{HeaderTimeBase: {"1.5"}}, `header Saccade-Time-Base: expected 0 to 9223372036854775807, found "1.5"`},
		{nats.Header{HeaderSeq: {"18446744073709551616"}}, `header Saccade-Seq: expected 0 to 18446744073709551615, found "18446744073709551616"`},
		{nats.Header{HeaderSeq: {""}}, `header Saccade-Seq: expected 0 to 18446744073709551615, found ""`},
		{nats.Header{HeaderSeq: {"1", "2"}}, `header Saccade-Seq: expected one value, found 2`},
		{nats.Header{HeaderSeq: {strings.Repeat("1", 100)}}, `header Saccade-Seq: expected 0 to 18446744073709551615, found "` + strings.Repeat("1", 64) + `"...`},
		{nats.Header{HeaderOldest: {"0"}}, `header Saccade-Oldest: expected at most the message's own number in Saccade-Seq, found 0`},
		{nats.Header{HeaderOldest: {"6"}, HeaderSeq: {"5"}}, `header Saccade-Oldest: expected at most the message's own number in Saccade-Seq, found 6`},
		{nats.Header{HeaderSession: {"a "}}, `header Saccade-Session: expected printable text without spaces around it, found "a "`},
		{nats.Header{HeaderSession: {strings.Repeat("s", 65)}}, `header Saccade-Session: expected at most 64 bytes, found 65 bytes`},
		{nats.Header{HeaderRecording: {"a\nb"}}, `header Saccade-Recording: expected printable text without spaces around it, found "a\nb"`},
		{nats.Header{HeaderRecording: {" a"}}, `header Saccade-Recording: expected printable text without spaces around it, found " a"`},
		{nats.Header{HeaderRecording: {strings.Repeat("r", 257)}}, `header Saccade-Recording: expected at most 256 bytes, found 257 bytes`},
		{nats.Header{HeaderTruth: {"\xff"}}, `header Saccade-Truth: expected printable text without spaces around it, found "\xff"`},
		{nats.Header{HeaderTruth: {strings.Repeat("r", 65)}}, `header Saccade-Truth: expected at most 64 bytes, found 65 bytes`},
		{nats.Header{HeaderEnd: {"0"}}, `header Saccade-End: expected 1, found "0"`},
		{nats.Header{HeaderEnd: {"true"}}, `header Saccade-End: expected 1, found "true"`},
	} {
		e, err := ParseEventsHeader(test.h)
		require.EqualError(t, err, test.want)
		require.Zero(t, e)
		var he *HeaderError
		require.ErrorAs(t, err, &he)
	}
}

func TestEventsHeaderSetRefuses(t *testing.T) {
	for _, e := range []EventsHeader{
		{Encoding: "a b"},
		{Encoding: strings.Repeat("e", 33)},
		{Geometry: events.Geometry{Width: 1}},
		{Geometry: events.Geometry{Width: 1, Height: 4097}},
		{TimeBase: -1},
		{Oldest: 1, HasOldest: true},
		{Oldest: 1, HasOldest: true, HasSeq: true},
		{Session: "\n"},
		{Recording: "a\r\nSaccade-End: 1"},
		{Truth: strings.Repeat("7", 65)},
	} {
		h := nats.Header{"Other": {"x"}, HeaderSeq: {"1"}}
		var he *HeaderError
		require.ErrorAs(t, e.Set(h), &he)
		require.Equal(t, nats.Header{"Other": {"x"}, HeaderSeq: {"1"}}, h)
	}
}

// What Set writes over the headers of another message is read back, and nothing of
// the other message.
func TestEventsHeaderRoundTrip(t *testing.T) {
	draw := func(t *rapid.T, label string) EventsHeader {
		text := rapid.StringMatching(`([!-~é🙂]([ -~é🙂]{0,10}[!-~é🙂])?)?`)
		e := EventsHeader{
			Encoding:  rapid.SampledFrom([]string{"mono", "evt3", "A-b_9"}).Draw(t, label+"encoding"),
			TimeBase:  rapid.Int64Range(0, math.MaxInt64).Draw(t, label+"base"),
			Session:   text.Draw(t, label+"session"),
			HasSeq:    rapid.Bool().Draw(t, label+"numbered"),
			Recording: text.Draw(t, label+"recording"),
			End:       rapid.Bool().Draw(t, label+"end"),
			Truth:     text.Draw(t, label+"truth"),
		}
		if e.HasSeq {
			e.Seq = rapid.Uint64().Draw(t, label+"seq")
			if e.HasOldest = rapid.Bool().Draw(t, label+"goes back"); e.HasOldest {
				e.Oldest = rapid.Uint64Range(0, e.Seq).Draw(t, label+"oldest")
			}
		}
		if rapid.Bool().Draw(t, label+"sized") {
			e.Geometry = events.Geometry{Width: rapid.IntRange(1, 4096).Draw(t, label+"w"), Height: rapid.IntRange(1, 4096).Draw(t, label+"h")}
		}
		return e
	}
	rapid.Check(t, func(t *rapid.T) {
		h := nats.Header{"Other": {"x"}}
		require.NoError(t, draw(t, "former ").Set(h))
		want := draw(t, "")
		require.NoError(t, want.Set(h))
		got, err := ParseEventsHeader(h)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, "x", h.Get("Other"))
	})
}

// Headers come through a server as they were set.
func TestEventsHeaderOverTheWire(t *testing.T) {
	ctx := testContext(t)
	s := startServer(t, ServerOptions{Port: -1})
	nc := connect(t, ConnectOptions{URL: s.ClientURL()})
	sub, err := nc.SubscribeSync("test")
	require.NoError(t, err)
	want := EventsHeader{Encoding: "mono", Recording: `a: "b" é 🙂`, Truth: "7", HasSeq: true, Geometry: events.Geometry{Width: 34, Height: 34}, End: true}
	m := nats.NewMsg("test")
	require.NoError(t, want.Set(m.Header))
	require.NoError(t, nc.PublishMsg(m))
	m, err = sub.NextMsgWithContext(ctx)
	require.NoError(t, err)
	got, err := ParseEventsHeader(m.Header)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestFeaturesHeader(t *testing.T) {
	want := FeaturesHeader{Session: "s", Seq: 7, HasSeq: true, Recording: "r", Part: 2, More: true, Counts: Counts{Events: 14, Missed: 1, Border: 2, Outside: 3, Refractory: 3, Background: 1}}
	require.Equal(t, 4, want.Counts.Won())
	h := nats.Header{}
	require.NoError(t, want.Set(h))
	got, err := ParseFeaturesHeader(h)
	require.NoError(t, err)
	require.Equal(t, want, got)

	require.NoError(t, FeaturesHeader{}.Set(h))
	got, err = ParseFeaturesHeader(h)
	require.NoError(t, err)
	require.Equal(t, FeaturesHeader{}, got)
	require.Error(t, FeaturesHeader{Recording: "\n"}.Set(h))
	require.Error(t, FeaturesHeader{Session: "\n"}.Set(h))

	for name, value := range map[string][]string{
		HeaderSeq: {"x"}, HeaderRecording: {"\n"}, HeaderEvents: {"2147483648"}, HeaderMissed: nil, HeaderBorder: {"-1"}, HeaderOutside: {"1"},
		HeaderSession: {" "}, HeaderPart: {"x"}, HeaderMore: {"0"}, HeaderRefractory: {"1"}, HeaderBackground: {"-1"},
	} {
		require.NoError(t, FeaturesHeader{}.Set(h))
		h[name] = value
		_, err = ParseFeaturesHeader(h)
		var he *HeaderError
		require.ErrorAs(t, err, &he, name)
	}
}

func TestParsingHeadersDoesNotAllocate(t *testing.T) {
	h := nats.Header{}
	require.NoError(t, EventsHeader{
		Encoding: "evt3", Geometry: events.Geometry{Width: 34, Height: 34}, TimeBase: 12345, Session: "s", Seq: 99, HasSeq: true, Oldest: 90, HasOldest: true,
		Recording: "Train/7/00001.bin", End: true, Truth: "7",
	}.Set(h))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := ParseEventsHeader(h); err != nil {
			t.Error(err)
		}
	}))
	f := nats.Header{}
	require.NoError(t, FeaturesHeader{HasSeq: true, Counts: Counts{Events: 4096, Missed: 12}}.Set(f))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := ParseFeaturesHeader(f); err != nil {
			t.Error(err)
		}
	}))
}

func FuzzHeader(f *testing.F) {
	f.Add("mono", "34", "34", "0", "5", "3", "r", "1", "7")
	f.Add("", "0", "", "-1", "18446744073709551616", "", " ", "0", "\n")
	f.Add("evt3", "4096", "4097", "1e3", "٣", "0", "a\x00", "01", "\xff")
	f.Fuzz(func(t *testing.T, encoding, width, height, base, seq, oldest, recording, end, truth string) {
		h := nats.Header{
			HeaderEncoding: {encoding}, HeaderWidth: {width}, HeaderHeight: {height}, HeaderTimeBase: {base}, HeaderSeq: {seq},
			HeaderRecording: {recording}, HeaderEnd: {end}, HeaderTruth: {truth},
			HeaderEvents: {width}, HeaderMissed: {height}, HeaderBorder: {end}, HeaderOutside: {base},
			HeaderOldest: {oldest}, HeaderSession: {truth}, HeaderPart: {oldest}, HeaderMore: {end},
		}
		for _, name := range []string{HeaderEncoding, HeaderWidth, HeaderHeight, HeaderTimeBase, HeaderSeq, HeaderRecording, HeaderEnd, HeaderTruth, HeaderOldest, HeaderSession, HeaderMore} {
			if h[name][0] == "" {
				delete(h, name)
			}
		}
		if e, err := ParseEventsHeader(h); err != nil {
			require.Zero(t, e)
			require.Less(t, len(err.Error()), 1000)
		} else {
			require.True(t, e.Geometry == events.Geometry{} || e.Geometry.Valid())
			again := nats.Header{}
			require.NoError(t, e.Set(again))
			parsed, err := ParseEventsHeader(again)
			require.NoError(t, err)
			require.Equal(t, e, parsed)
		}
		if fh, err := ParseFeaturesHeader(h); err == nil {
			require.GreaterOrEqual(t, fh.Counts.Won(), 0)
			require.LessOrEqual(t, fh.Counts.Won(), fh.Counts.Events)
		}
	})
}
