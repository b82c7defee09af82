package pipeline_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
)

// step is a message with a number, and what must become of it.
type step struct {
	session string
	seq     uint64
	oldest  int64 // of a sender that goes back; -1 for one that does not
	want    pipeline.Outcome
	gaps    uint64 // counted by then
}

func TestSequence(t *testing.T) {
	const no = int64(-1)
	for name, steps := range map[string][]step{
		"in order": {
			{"a", 0, no, pipeline.Processed, 0},
			{"a", 1, no, pipeline.Processed, 0},
			{"a", 2, no, pipeline.Processed, 0},
		},
		"sent again": {
			{"a", 0, no, pipeline.Processed, 0},
			{"a", 1, no, pipeline.Processed, 0},
			{"a", 0, no, pipeline.Duplicate, 0},
			{"a", 1, no, pipeline.Duplicate, 0},
			{"a", 2, no, pipeline.Processed, 0},
		},
		"gaps": {
			{"a", 0, no, pipeline.Processed, 0},
			{"a", 5, no, pipeline.Processed, 4},
			{"a", 6, no, pipeline.Processed, 4},
			{"a", 8, no, pipeline.Processed, 5},
		},
		// What comes late was not processed, and it must not be said that it was.
		"too late": {
			{"a", 0, no, pipeline.Processed, 0},
			{"a", 3, no, pipeline.Processed, 2},
			{"a", 1, no, pipeline.Rejected, 2},
			{"a", 2, no, pipeline.Rejected, 2},
			{"a", 3, no, pipeline.Duplicate, 2},
			{"a", 0, no, pipeline.Duplicate, 2},
			{"a", 4, no, pipeline.Processed, 2},
		},
		"another session": {
			{"a", 7, no, pipeline.Processed, 0},
			{"b", 0, no, pipeline.Processed, 0},
			{"b", 1, no, pipeline.Processed, 0},
			{"a", 8, no, pipeline.Processed, 0},
		},
		"no session": {
			{"", 3, no, pipeline.Processed, 0},
			{"", 4, no, pipeline.Processed, 0},
			{"", 4, no, pipeline.Rejected, 0},
			{"", 0, no, pipeline.Processed, 0}, // a new start
			{"", 1, no, pipeline.Processed, 0},
			{"", 3, no, pipeline.Processed, 1},
		},
		"the last number": {
			{"a", math.MaxUint64, no, pipeline.Rejected, 0},
			{"a", 0, no, pipeline.Processed, 0},
			{"a", math.MaxUint64, no, pipeline.Rejected, 0},
			{"a", math.MaxUint64 - 1, no, pipeline.Processed, math.MaxInt64},
			{"b", 0, no, pipeline.Processed, math.MaxInt64},
			{"b", 2, no, pipeline.Processed, math.MaxInt64},
		},
		"a sender that goes back": {
			{"a", 1, 0, pipeline.Early, 0},
			{"a", 2, 0, pipeline.Early, 0},
			{"a", 0, 0, pipeline.Processed, 0},
			{"a", 2, 0, pipeline.Early, 0},
			{"a", 1, 1, pipeline.Processed, 0},
			{"a", 1, 1, pipeline.Duplicate, 0},
			{"a", 2, 1, pipeline.Processed, 0},
		},
		// One that began before this daemon listened.
		"joined in the middle": {
			{"a", 8, 7, pipeline.Early, 0},
			{"a", 7, 7, pipeline.Processed, 0},
			{"a", 8, 8, pipeline.Processed, 0},
		},
		// Its messages 1 and 2 were acknowledged, by another daemon, or as they
		// could not be read. It does not go back to them: waiting would be for ever.
		"acknowledged elsewhere": {
			{"a", 0, 0, pipeline.Processed, 0},
			{"a", 4, 3, pipeline.Early, 0},
			{"a", 3, 3, pipeline.Processed, 2},
			{"a", 4, 3, pipeline.Processed, 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, out := newPipeline(t, options(t, newModel(t, 1))), &record{t: t}
			in := moving(1, 1, 0)
			processed := 0
			for i, s := range steps {
				m := message(t, mono.Name, in)
				m.Session, m.Seq, m.HasSeq = s.session, s.seq, true
				if s.oldest >= 0 {
					m.Oldest, m.HasOldest = uint64(s.oldest), true
				}
				require.Equal(t, s.want, out.handle(p, m), "step %d", i)
				require.Equal(t, s.gaps, p.Counters().Gaps, "step %d", i)
				if s.want == pipeline.Processed {
					processed++
				}
				require.Len(t, out.answers, processed)
			}
			for _, r := range out.rejects {
				require.ErrorIs(t, r.Err, pipeline.ErrSequence)
			}
			c := p.Counters()
			count := func(o pipeline.Outcome) (n uint64) {
				for _, s := range steps {
					if s.want == o {
						n++
					}
				}
				return n
			}
			require.Equal(t, count(pipeline.Duplicate), c.Duplicates)
			require.Equal(t, count(pipeline.Rejected), c.Rejects)
			require.Equal(t, uint64(len(steps))-count(pipeline.Early), c.Messages)
		})
	}
}

// The oldest of many gaps are forgotten, the newest are not.
func TestGapsAreBounded(t *testing.T) {
	p, out := newPipeline(t, options(t, newModel(t, 1))), &record{t: t}
	in := moving(1, 1, 0)
	handle := func(seq uint64) pipeline.Outcome {
		m := message(t, mono.Name, in)
		m.Session, m.Seq, m.HasSeq = "a", seq, true
		return out.handle(p, m)
	}
	const n = 10_000
	for i := range uint64(n) {
		require.Equal(t, pipeline.Processed, handle(2*i))
	}
	require.Equal(t, pipeline.Rejected, handle(2*n-3))
	require.EqualValues(t, n-1, p.Counters().Gaps)
	state, err := p.MarshalBinary()
	require.NoError(t, err)
	require.Less(t, len(state), 20_000)
}

// A sender that starts again, in another session or from 0, starts its recording
// again, whatever that is called.
func TestSenderStartsAgain(t *testing.T) {
	o := options(t, newModel(t, 1))
	in := moving(1, 60, 0)
	for _, session := range []string{"", "b"} {
		t.Run("session "+strconv.Quote(session), func(t *testing.T) {
			p, out := newPipeline(t, o), &record{t: t}
			first := "a"
			if session == "" {
				first = ""
			}
			for _, m := range numbers(first, named(message(t, mono.Name, in[:20]), "x"), named(message(t, mono.Name, in[20:40]), "x")) {
				require.Equal(t, pipeline.Processed, out.handle(p, m))
			}
			require.Empty(t, out.labels)
			m := named(message(t, mono.Name, in), "x")
			m.End = true
			require.Equal(t, pipeline.Processed, out.handle(p, numbers(session, m)[0]))

			want := newOracle(t, o)
			want.begin("x", "")
			want.events(in[:40])
			want.label(pipeline.KindFinal)
			want.begin("x", "")
			want.events(in)
			want.label(pipeline.KindFinal)
			require.Equal(t, want.answers, out.answers)
			require.Equal(t, want.labels, withoutSeq(out.labels))
			require.EqualValues(t, 2, p.Counters().Recordings)
		})
	}
	// It is a new start too when its first message cannot be read.
	p, out := newPipeline(t, o), &record{t: t}
	out.handle(p, numbers("a", named(message(t, mono.Name, in[:20]), "x"))[0])
	bad := numbers("b", named(message(t, "mono", in), "x"), named(message(t, mono.Name, in), "x"))
	bad[0].Encoding = "morse"
	require.Equal(t, pipeline.Rejected, out.handle(p, bad[0]))
	require.Equal(t, pipeline.Processed, out.handle(p, bad[1]))
	require.Len(t, out.labels, 1)
	require.EqualValues(t, 20, out.labels[0].Events)
	require.EqualValues(t, len(in), p.Counters().Events-20)
}

// A sender that goes back, over a way that loses, repeats and swaps messages and
// answers, gets every message processed once and in order; and so it does when
// the pipeline is replaced by one that goes on from its state.
func TestGoBackN(t *testing.T) {
	o := options(t, newModel(t, 1))
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		window := rapid.IntRange(1, 6).Draw(rt, "window")
		in := moving(1, 40, 0)
		parts := slices.Collect(slices.Chunk(in, 2))
		p, out := newPipeline(t, o), &record{t: t}
		oldest := 0
		acked := make([]bool, len(parts))
		rounds := 0
		for oldest < len(parts) {
			rounds++
			require.Less(t, rounds, 10_000, "it does not come forward")
			// A round sends all of the window; some get lost, come twice or in
			// another order.
			var way []int
			for i := oldest; i < min(oldest+window, len(parts)); i++ {
				for range rng.IntN(3) {
					way = append(way, i)
				}
			}
			if rng.IntN(3) == 0 {
				rng.Shuffle(len(way), func(i, j int) { way[i], way[j] = way[j], way[i] })
			}
			from := oldest
			for _, i := range way {
				m := message(t, mono.Name, parts[i])
				m.Session, m.Seq, m.HasSeq = "s", uint64(i), true
				m.Oldest, m.HasOldest = uint64(from), true
				switch out.handle(p, m) {
				case pipeline.Processed, pipeline.Duplicate:
					acked[i] = acked[i] || rng.IntN(4) > 0 // or the answer is lost
				case pipeline.Early:
				default:
					require.Fail(t, "a message was rejected")
				}
			}
			for oldest < len(parts) && acked[oldest] {
				oldest++
			}
			if rng.IntN(4) == 0 {
				state, err := p.MarshalBinary()
				require.NoError(t, err)
				p = newPipeline(t, o)
				require.NoError(t, p.UnmarshalBinary(state))
			}
		}
		var got []events.Event
		for _, a := range out.answers {
			got = append(got, a.event)
		}
		require.Equal(t, in, got)
		require.Zero(t, p.Counters().Gaps)
	})
}

// A pipeline that went back to an older state, as after a crash, goes on with a
// sender whose acknowledged messages it does not know.
func TestGoesOnFromAnOlderState(t *testing.T) {
	o := options(t, newModel(t, 1))
	p, out := newPipeline(t, o), &record{t: t}
	handle := func(seq, oldest uint64) pipeline.Outcome {
		m := message(t, mono.Name, moving(1, 5, 0))
		m.Session, m.Seq, m.HasSeq, m.Oldest, m.HasOldest = "s", seq, true, oldest, true
		return out.handle(p, m)
	}
	for i := range uint64(3) {
		require.Equal(t, pipeline.Processed, handle(i, i))
	}
	state, err := p.MarshalBinary()
	require.NoError(t, err)
	for i := uint64(3); i < 10; i++ {
		require.Equal(t, pipeline.Processed, handle(i, i))
	}
	require.NoError(t, p.UnmarshalBinary(state))
	require.Equal(t, pipeline.Early, handle(11, 10))
	require.Equal(t, pipeline.Processed, handle(10, 10))
	require.Equal(t, pipeline.Processed, handle(11, 10))
	require.EqualValues(t, 7, p.Counters().Gaps)
}
