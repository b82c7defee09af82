package durable

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What is written is what is read, for any position.
func TestIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sensor := rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`).Draw(t, "sensor")
		at := Position{Epoch: rapid.Int64().Draw(t, "epoch"), Seq: rapid.Uint64Min(1).Draw(t, "seq")}
		index := rapid.IntRange(0, 1<<31-1).Draw(t, "index")
		m, err := parseID(sensor, id(sensor, at, index))
		require.NoError(t, err)
		require.Equal(t, Mark{at, index}, m)
	})
}

// A mark covers what is ahead of it and itself, of its own stream alone.
func TestMarkCovers(t *testing.T) {
	m := Mark{Position{Epoch: 7, Seq: 5}, 2}
	for _, c := range []struct {
		at    Position
		index int
		want  bool
	}{
		{Position{7, 4}, 9, true},
		{Position{7, 5}, 2, true},
		{Position{7, 5}, 3, false},
		{Position{7, 6}, 0, false},
		{Position{8, 4}, 0, false},
		{Position{6, 4}, 0, false},
	} {
		require.Equal(t, c.want, m.covers(c.at, c.index), "%+v, %d", c.at, c.index)
	}
	require.False(t, Mark{}.covers(Position{Seq: 1}, 0))
}

// What somebody else writes is understood as it is written, or not at all.
func FuzzParseID(f *testing.F) {
	for _, s := range []string{"left.1.0.abc", "left.18446744073709551615.2147483647.-1y2p0ij32e8e8", "left.0.0.0", "left.1.0", "right.1.0.0", "left.+1.0.0", "left.01.0.0", "left.1.0.A", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := parseID("left", s)
		if err != nil {
			require.Less(t, len(err.Error()), 1024)
			return
		}
		require.NotZero(t, m.Seq)
		require.Equal(t, s, id("left", m.Position, m.Index))
	})
}

// An answer of the server's that is no acknowledgement is an error, whatever it is.
func FuzzAck(f *testing.F) {
	for _, s := range []string{
		`{"stream":"s","seq":7}`, `{"stream":"s","seq":7,"duplicate":true}`, `{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 3"},"stream":"s","seq":0}`,
		`{"error":{"code":400,"err_code":10201}}`, `{}`, `null`, `[]`, `{"seq":-1}`, "",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		seq, err := parseAck(data)
		var a ack
		if json.Unmarshal(data, &a) != nil || a.Error != nil || a.Duplicate || a.Seq == 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Equal(t, a.Seq, seq)
	})
}

func TestCovers(t *testing.T) {
	for pattern, subjects := range map[string]string{
		"a.*.b": "a.x.b a.*.b", "a.>": "a.b a.b.c", ">": "a",
	} {
		for s := range strings.FieldsSeq(subjects) {
			require.True(t, covers(pattern, s), "%s %s", pattern, s)
		}
	}
	for pattern, subjects := range map[string]string{
		"a.*.b": "a.b a.x.y.b a.>", "a.>": "a b.c", "a.x": "a.*",
	} {
		for s := range strings.FieldsSeq(subjects) {
			require.False(t, covers(pattern, s), "%s %s", pattern, s)
		}
	}
}
