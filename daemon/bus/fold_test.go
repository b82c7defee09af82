package bus

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Everything is let through or told of, and no more in any time than the rate and a burst.
func TestFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		perSecond := rapid.IntRange(1, 50).Draw(t, "rate")
		f := NewFold(perSecond)
		now := time.Unix(1000, 0)
		var all, let, told int64
		begin := now
		for range rapid.IntRange(1, 300).Draw(t, "n") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "ms")) * time.Millisecond)
			all++
			if through, held := f.Next(now); through {
				let++
				told += held
			}
			require.Equal(t, all, let+told+f.Held())
			most := float64(perSecond) * (1 + now.Sub(begin).Seconds())
			require.LessOrEqual(t, float64(let), most+1e-6)
		}
	})
	var none Fold
	for range 1000 {
		through, held := none.Next(time.Time{})
		require.True(t, through)
		require.Zero(t, held)
	}
}

// A bucket gives its burst at once, then its rate, and nothing for time that runs back.
func TestBucket(t *testing.T) {
	b := NewBucket(100, 300)
	now := time.Unix(1000, 0)
	require.True(t, b.Take(300, now))
	require.False(t, b.Take(1, now))
	require.False(t, b.Take(1, now.Add(-time.Hour)))
	require.True(t, b.Take(50, now.Add(-time.Hour+500*time.Millisecond)))
	now = now.Add(time.Hour)
	require.False(t, b.Take(301, now), "more than it can ever have")
	require.True(t, b.Take(300, now))
	var without Bucket
	require.True(t, without.Take(1e18, now))
}

// A server that says the same over and over again, as it does of who may not do what he does, does not fill the log.
func TestServerLogIsFolded(t *testing.T) {
	var out bytes.Buffer
	l := newServerLog(slog.New(slog.NewTextHandler(&out, nil)))
	for range 10_000 {
		l.Errorf("127.0.0.1:1 - cid:7 - Publish Violation")
		l.Warnf("something else")
	}
	lines := strings.Count(out.String(), "\n")
	require.Less(t, lines, 200)
	require.GreaterOrEqual(t, lines, 2)
	l.errors.bucket.level = 1
	out.Reset()
	l.Errorf("last")
	require.Regexp(t, `msg=last more=\d+\n`, out.String())
}
