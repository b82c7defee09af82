package replay

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
)

// heard is a message as a daemon hears it.
type heard struct {
	bus.EventsHeader
	events []events.Event
	at     time.Duration // since the replay began
}

// deck is a replay in a bubble, whose messages are acknowledged after a while.
type deck struct {
	t     *testing.T
	s     *sender
	c     *Control
	after atomic.Int64 // nanoseconds
	start time.Time
	heard []heard
}

func (*deck) IsClosed() bool { return false }

func (d *deck) PublishMsg(m *nats.Msg) error {
	h, err := bus.ParseEventsHeader(m.Header)
	require.NoError(d.t, err)
	got := heard{EventsHeader: h, at: time.Since(d.start)}
	if len(m.Data) > 0 {
		got.events = decode(d.t, h, m.Data)
	}
	d.heard = append(d.heard, got)
	a := bus.Ack(bus.OutcomeProcessed)
	a.Subject = m.Reply
	if after := time.Duration(d.after.Load()); after == 0 {
		d.s.receive(a)
	} else {
		time.AfterFunc(after, func() { d.s.receive(a) })
	}
	return nil
}

// play runs a replay in a bubble, and do beside it. The replay is stopped when do returns, unless it ended before.
func play(t *testing.T, sources []Source, change func(*Options), after time.Duration, do func(d *deck), check func(d *deck, r Report, err error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := testOptions()
		o.Speed, o.Control = 1, NewControl()
		if change != nil {
			change(&o)
		}
		m := newTestMaker(t, sources, o)
		d := &deck{t: t, c: o.Control, start: time.Now()}
		d.after.Store(int64(after))
		d.s = newSender(d, m, o, "inbox")
		d.s.sources = sources
		d.s.nap = func(d time.Duration) { <-time.After(d) }
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			do(d)
			if o.Loop {
				stop()
			}
		}()
		err := d.s.run(ctx)
		o.Control.end()
		<-done
		stop()
		require.NoError(t, m.close())
		check(d, d.s.report, err)
	})
}

// wait waits until so much time has passed since the beginning.
func (d *deck) wait(until time.Duration) { <-time.After(until - time.Since(d.start)) }

// do has the replay do something that it must be able to do.
func (d *deck) do(c Command) Status {
	st, err := d.c.Do(d.t.Context(), c)
	require.NoError(d.t, err)
	return st
}

func (d *deck) times() []time.Duration {
	out := make([]time.Duration, len(d.heard))
	for i, h := range d.heard {
		out[i] = h.at
	}
	return out
}

// runs puts messages together as a daemon does: up to an end.
func (d *deck) runs() (out [][]events.Event) {
	open := false
	for i, h := range d.heard {
		require.EqualValues(d.t, i, h.Seq, "numbers have no gaps")
		if !open {
			out = append(out, nil)
		}
		last := &out[len(out)-1]
		*last = append(*last, h.events...)
		open = !h.End
	}
	return out
}

// from are events from the first one that is not before a time, all later by as much.
func from(in []events.Event, t, later int64) []events.Event {
	i := slices.IndexFunc(in, func(e events.Event) bool { return e.T >= t })
	out := slices.Clone(in[i:])
	for i := range out {
		out[i].T += later
	}
	return out
}

const (
	ms = time.Millisecond
	us = time.Microsecond
)

// While it is paused nothing is sent; then it goes on as if there had been no pause. A pause is
// answered when nothing is under way.
func TestPauseAndResume(t *testing.T) {
	sources := []Source{write(t, t.TempDir(), "a", ramp(50, 1000))} // due at 9, 19, 29, 39, 49 ms
	play(
		t, sources, nil, 4*ms, func(d *deck) {
			d.wait(20 * ms)
			st := d.do(Command{Op: OpPause})
			require.Equal(t, 23*ms, time.Since(d.start), "the one sent at 19 is acknowledged at 23")
			require.True(t, st.Paused)
			require.True(t, st.Changed)
			require.Zero(t, st.UnderWay)
			require.EqualValues(t, 20, st.Events)
			require.EqualValues(t, 19_000, st.Position)
			d.wait(time.Hour)
			require.False(t, d.do(Command{Op: OpPause}).Changed)
			require.Len(t, d.heard, 2)
			require.True(t, d.do(Command{Op: OpResume}).Changed)
			require.False(t, d.do(Command{Op: OpResume}).Changed)
		}, func(d *deck, r Report, err error) {
			require.NoError(t, err)
			h := time.Hour - 20*ms
			require.Equal(t, []time.Duration{9 * ms, 19 * ms, h + 29*ms, h + 39*ms, h + 49*ms}, d.times())
			require.Equal(t, [][]events.Event{ramp(50, 1000)}, d.runs())
			require.EqualValues(t, 1, r.Recordings)
			require.Zero(t, d.s.late.max)
		},
	)
}

// Who asks is answered however close messages are.
func TestStatusBetweenCloseMessages(t *testing.T) {
	sources := []Source{write(t, t.TempDir(), "a", ramp(2000, 1))}
	play(
		t, sources, func(o *Options) { o.Speed = 0.01 }, 0, func(d *deck) { // one every millisecond
			for i := range 100 {
				d.wait(time.Duration(2*i)*ms + 500*us)
				st := d.do(Command{Op: OpStatus})
				require.LessOrEqual(t, time.Since(d.start), time.Duration(2*i+1)*ms+500*us)
				require.LessOrEqual(t, st.Position, int64(20*i+10))
			}
		}, func(d *deck, _ Report, err error) {
			require.NoError(t, err)
			require.Len(t, d.heard, 200)
		},
	)
}

// A pace that is changed counts from then on.
func TestSpeedChanges(t *testing.T) {
	sources := []Source{write(t, t.TempDir(), "a", ramp(60, 1000))}
	play(
		t, sources, nil, 0, func(d *deck) {
			d.wait(14 * ms)
			require.Equal(t, 5.0, d.do(Command{Op: OpSpeed, Speed: 5}).Speed)
			d.wait(15*ms + 500*us) // at 21.5
			d.do(Command{Op: OpSpeed, Speed: 0.1})
			d.wait(95 * ms) // 29 was sent at 90.5
			d.do(Command{Op: OpSpeed, Speed: 0})
		}, func(d *deck, _ Report, err error) {
			require.NoError(t, err)
			require.Equal(t, []time.Duration{9 * ms, 15 * ms, 90*ms + 500*us, 95 * ms, 95 * ms, 95 * ms}, d.times())
		},
	)
	// From none to one it goes on from what was sent.
	play(
		t, sources, func(o *Options) { o.Speed, o.Window = 0, 1 }, 5*ms, func(d *deck) {
			d.wait(7 * ms)
			d.do(Command{Op: OpSpeed, Speed: 1})
		}, func(d *deck, _ Report, err error) {
			require.NoError(t, err)
			require.Equal(t, []time.Duration{0, 5 * ms, 17 * ms, 27 * ms, 37 * ms, 47 * ms}, d.times())
		},
	)
}

// A seek ends what was played, goes on from the place at once, and never back in time.
func TestSeek(t *testing.T) {
	in := ramp(100, 1000)
	sources := []Source{write(t, t.TempDir(), "a", in)}
	play(
		t, sources, nil, 0, func(d *deck) {
			d.wait(25 * ms)
			st := d.do(Command{Op: OpSeek, To: 70 * ms})
			require.EqualValues(t, 70_000, st.Position)
			require.EqualValues(t, 19_000, st.Time)
			d.wait(36 * ms) // 79 was sent at 34
			d.do(Command{Op: OpSeek, To: -75 * ms, Relative: true})
			d.wait(40 * ms)
			d.do(Command{Op: OpPause})
			st = d.do(Command{Op: OpSeek, To: -time.Hour, Relative: true})
			require.Zero(t, st.Position)
			st = d.do(Command{Op: OpSeek, To: 90*ms + 1, Relative: true})
			require.EqualValues(t, 90_000, st.Position, "relative to where the last one went")
			d.wait(time.Second)
			d.do(Command{Op: OpResume})
		}, func(d *deck, r Report, err error) {
			require.NoError(t, err)
			require.Equal(t, []time.Duration{
				9 * ms, 19 * ms, 25 * ms, 34*ms + us, 36 * ms, time.Second + 9*ms + us, // carried on by one
			}, d.times())
			require.Equal(t, [][]events.Event{
				in[:20], in[70:80], // forward the times are the recording's own
				from(in, 90_000, 0), // the one from 4 ms on came to nothing
			}, d.runs())
			require.EqualValues(t, 4, r.Jumps)
			require.EqualValues(t, 1, r.Recordings, "what was jumped out of does not count")
		},
	)
	// Back, times are carried on.
	play(
		t, sources, nil, 3*ms, func(d *deck) {
			d.wait(30 * ms) // 29 is acknowledged at 32
			d.do(Command{Op: OpSeek, To: 80*ms - 1})
			require.Equal(t, 32*ms, time.Since(d.start))
		}, func(d *deck, _ Report, err error) {
			require.NoError(t, err)
			require.Equal(t, [][]events.Event{in[:30], in[80:]}, d.runs())
			require.Equal(t, []time.Duration{9 * ms, 19 * ms, 29 * ms, 32 * ms, 41*ms + us, 51*ms + us}, d.times())
		},
	)
	play(t, sources, nil, 0, func(d *deck) {
		d.wait(92 * ms)
		require.EqualValues(t, 40_000, d.do(Command{Op: OpSeek, To: 40 * ms}).Position)
	}, func(d *deck, _ Report, err error) {
		require.NoError(t, err)
		require.Equal(t, [][]events.Event{in[:90], from(in, 40_000, 89_001-40_000)}, d.runs())
	})
	// Before anything was sent there is nothing to end.
	play(t, sources, nil, 0, func(d *deck) {
		d.do(Command{Op: OpSeek, To: 95 * ms})
	}, func(d *deck, _ Report, err error) {
		require.NoError(t, err)
		require.Equal(t, [][]events.Event{in[95:]}, d.runs())
		require.Equal(t, []time.Duration{4 * ms}, d.times())
	})
}

// Behind its end a recording has ended, and the next one comes; who is paused there can still go back.
func TestSeekBehindTheEnd(t *testing.T) {
	a, b := ramp(30, 1000), ramp(20, 1000)
	dir := t.TempDir()
	sources := []Source{write(t, dir, "a", a), write(t, dir, "b", b)}
	play(
		t, sources, nil, 0, func(d *deck) {
			d.wait(10 * ms)
			st := d.do(Command{Op: OpSeek, To: time.Hour})
			require.EqualValues(t, 29_000, st.Position)
			require.Equal(t, "a", st.Recording)
			d.wait(20 * ms) // b began at 10 ms, less a microsecond of a
			require.Equal(t, "b", d.do(Command{Op: OpStatus}).Recording)
			d.do(Command{Op: OpPause})
			st = d.do(Command{Op: OpNext})
			require.EqualValues(t, 19_000, st.Position)
			d.wait(time.Second)
			st = d.do(Command{Op: OpStatus})
			require.Equal(t, 2, st.Index)
			require.False(t, st.Ended, "the end itself is still to be told")
			require.EqualValues(t, 15_000, d.do(Command{Op: OpSeek, To: -4 * ms, Relative: true}).Position)
			d.do(Command{Op: OpResume})
		}, func(d *deck, r Report, err error) {
			require.NoError(t, err)
			require.Equal(t, [][]events.Event{a[:10], b[:10], b[15:]}, d.runs())
			require.EqualValues(t, 1, r.Recordings)
		},
	)
	play(
		t, sources, nil, 0, func(d *deck) {
			d.do(Command{Op: OpPause})
			require.Equal(t, 2, d.do(Command{Op: OpNext}).Index)
			require.EqualValues(t, 19_000, d.do(Command{Op: OpNext}).Position)
			d.wait(time.Minute)
			st := d.do(Command{Op: OpStatus})
			require.True(t, st.Ended)
			require.Equal(t, 1, d.do(Command{Op: OpPrevious}).Index)
			require.Equal(t, 1, d.do(Command{Op: OpPrevious}).Index)
			d.do(Command{Op: OpToggle})
			d.wait(time.Minute + 45*ms)
			d.do(Command{Op: OpPrevious})
		}, func(d *deck, _ Report, err error) {
			require.NoError(t, err)
			require.Equal(t, [][]events.Event{a, b[:10], from(a, 0, 29_001), b}, d.runs())
		},
	)
}

// Behind a stop of the whole process nothing is made up for; other lateness is.
func TestForgive(t *testing.T) {
	sources := []Source{write(t, t.TempDir(), "a", ramp(50, 1000))}
	for _, forgive := range []bool{false, true} {
		play(
			t, sources, func(o *Options) { o.Window = 1; o.AckTimeout = time.Hour; o.GiveUp = time.Hour }, 0, func(d *deck) {
				d.wait(10 * ms)
				d.after.Store(int64(time.Second)) // what is sent at 19 is acknowledged at 1019
				d.wait(20 * ms)
				d.after.Store(0)
				d.wait(1018 * ms)
				if forgive {
					d.do(Command{Op: OpForgive})
				}
			}, func(d *deck, _ Report, err error) {
				require.NoError(t, err)
				want := []time.Duration{9 * ms, 19 * ms, 1019 * ms, 1019 * ms, 1019 * ms}
				late := 990 * ms
				if forgive {
					want, late = []time.Duration{9 * ms, 19 * ms, 1019 * ms, 1028 * ms, 1038 * ms}, ms
				}
				require.Equal(t, want, d.times())
				require.Equal(t, late, d.s.late.max)
			},
		)
	}
}

// A part of each recording is replayed, and who seeks stays in it.
func TestPartOfARecording(t *testing.T) {
	in := ramp(100, 1000)
	for i := range in {
		in[i].T += 5000
	}
	sources := []Source{write(t, t.TempDir(), "a", in)}
	part := func(from, to string) func(o *Options) {
		return func(o *Options) {
			for s, into := range map[string]**edit.Time{from: &o.From, to: &o.To} {
				if s != "" {
					at, err := edit.ParseTime(s)
					require.NoError(t, err)
					*into = &at
				}
			}
		}
	}
	for _, test := range []struct {
		from, to string
		want     []events.Event
	}{
		{"10ms", "", in[10:]}, {"", "10ms", in[:10]}, {"20ms", "30500us", in[20:31]}, {"@5ms", "@6ms", in[:1]}, {"-1s", "@10ms", in[:5]},
	} {
		play(t, sources, part(test.from, test.to), 0, func(*deck) {}, func(d *deck, _ Report, err error) {
			require.NoError(t, err)
			require.Equal(t, [][]events.Event{test.want}, d.runs())
		})
	}
	play(
		t, sources, part("20ms", "50ms"), 0, func(d *deck) {
			d.wait(10 * ms)
			require.EqualValues(t, 20_000, d.do(Command{Op: OpSeek}).Position)
			d.wait(20 * ms)
			require.EqualValues(t, 45_000, d.do(Command{Op: OpSeek, To: 45 * ms}).Position)
		}, func(d *deck, _ Report, err error) {
			require.NoError(t, err)
			require.Equal(t, [][]events.Event{in[20:30], from(in[20:30], 0, 9_001), in[45:50]}, d.runs())
		},
	)
}

// Whoever asks too late, nonsense, or a replay that has ended, is told.
func TestRefusedCommands(t *testing.T) {
	sources := []Source{write(t, t.TempDir(), "a", ramp(50, 1000))}
	play(
		t, sources, nil, 500*ms, func(d *deck) {
			for _, command := range []Command{{Op: OpSeek, To: -1}, {Op: OpSpeed, Speed: -1}, {Op: OpSpeed, Speed: 2e9}, {Op: ops}} {
				_, err := d.c.Do(d.t.Context(), command)
				require.Error(t, err)
			}
			d.wait(10 * ms)
			ctx, cancel := context.WithTimeout(d.t.Context(), 100*ms)
			defer cancel()
			_, err := d.c.Do(ctx, Command{Op: OpSeek, To: 30 * ms})
			require.ErrorIs(t, err, context.DeadlineExceeded, "the first is acknowledged after half a second")
			require.Equal(t, 1, d.do(Command{Op: OpStatus}).UnderWay, "which can be asked meanwhile")
			_, err = d.c.Do(ctx, Command{Op: OpSpeed})
			require.Error(t, err)
		}, func(d *deck, r Report, err error) {
			require.NoError(t, err)
			require.Zero(t, r.Jumps, "what was answered so is not done later")
			require.Equal(t, [][]events.Event{ramp(50, 1000)}, d.runs())
			for _, op := range []Op{OpStatus, OpPause} {
				_, err := d.c.Do(d.t.Context(), Command{Op: op})
				require.ErrorIs(t, err, ErrEnded)
			}
		},
	)
}

// Over ten minutes with pauses, seeks and other speeds every message is sent to the microsecond when
// the sum of what was played since says so: lateness cannot add up.
func TestNoDrift(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	var in []events.Event
	for at := int64(300); at < 5_000_000; at += 1 + rng.Int64N(4000) {
		in = append(in, events.Event{T: at, X: uint16(rng.IntN(34)), Y: uint16(rng.IntN(34))})
	}
	sources := []Source{write(t, t.TempDir(), "a", in)}
	type change struct {
		at    time.Duration
		speed float64 // from then on, 0 for a pause
		jump  bool
	}
	changes := []change{{0, 1, false}}
	play(
		t, sources, func(o *Options) { o.Loop, o.PacketEvents, o.PacketTime = true, 100, 40*ms }, 0, func(d *deck) {
			speed, paused := 1.0, false
			for time.Since(d.start) < 10*time.Minute {
				// Between microseconds, so that nothing else happens at the same time.
				<-time.After(time.Duration(rng.Int64N(int64(8*time.Second)))/1000*1000 + 500)
				jump := false
				switch rng.IntN(5) {
				case 0:
					paused = d.do(Command{Op: OpToggle}).Paused
				case 1, 2:
					speed = []float64{0.25, 0.3, 1, 1.7, 4}[rng.IntN(5)]
					d.do(Command{Op: OpSpeed, Speed: speed})
				case 3:
					d.do(Command{Op: OpSeek, To: time.Duration(rng.IntN(5000)) * ms})
					jump = true
				default:
					d.do(Command{Op: OpSeek, To: time.Duration(rng.IntN(4000)-2000) * ms, Relative: true})
					jump = true
				}
				now := change{time.Since(d.start), speed, jump}
				if paused {
					now.speed = 0
				}
				changes = append(changes, now)
			}
		}, func(d *deck, r Report, err error) {
			require.ErrorIs(t, err, context.Canceled)
			require.Greater(t, len(d.heard), 10_000)
			require.Greater(t, r.Jumps, int64(30))
			play, last, jumped := 0.0, in[0].T, false // of the messages, in microseconds
			clock, to, next := 0.0, time.Duration(0), 1
			worst, newest := 0.0, int64(-1)
			for i, h := range d.heard {
				// What was to be played by the time at which the message came.
				for ; next < len(changes) && changes[next].at <= h.at; next++ {
					c := changes[next]
					clock += (c.at - to).Seconds() * 1e6 * changes[next-1].speed
					if to = c.at; c.jump {
						clock, jumped = play, true
					}
				}
				clock += (h.at - to).Seconds() * 1e6 * changes[next-1].speed
				to = h.at
				if len(h.events) == 0 {
					require.True(t, h.End)
					continue
				}
				first, latest := h.events[0].T, h.events[len(h.events)-1].T
				require.Greater(t, first, newest, "message %d goes back", i)
				newest = latest
				if jumped {
					last = first - 1 // a microsecond behind what was played before
				}
				play += float64(latest - last)
				last, jumped = latest, false
				speed := max(changes[next-1].speed, 0.25)
				worst = max(worst, max(clock-play, play-clock)/speed)
			}
			require.Less(t, worst, 1.0, "microseconds")
			t.Logf("%d messages, %d jumps; the worst was off by %.6f us", len(d.heard), r.Jumps, worst)
			require.Zero(t, d.s.late.max)
		},
	)
}
