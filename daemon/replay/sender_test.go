package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// The sender's clock is that of a synctest bubble, and its connection this one.

// wire is a connection to a daemon that a test is.
type wire struct {
	t      *testing.T
	sender *sender
	start  time.Time

	mu   sync.Mutex // held for what follows
	sent []sending
	// answer is the daemon: it is told of every message.
	answer func(s sending)
	fails  error // what publishing fails with, if anything
	closed bool
}

// later does something on the wire after a while.
func (w *wire) later(after time.Duration, do func()) {
	time.AfterFunc(after, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		do()
	})
}

type sending struct {
	seq, oldest uint64
	end         bool
	at          time.Duration // since the test began
}

func (w *wire) IsClosed() bool { return w.closed }

func (w *wire) PublishMsg(m *nats.Msg) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	h, err := bus.ParseEventsHeader(m.Header)
	require.NoError(w.t, err)
	require.Equal(w.t, fmt.Sprintf("inbox.%d", h.Seq), m.Reply)
	require.Equal(w.t, "test.a.events", m.Subject)
	require.Equal(w.t, fmt.Sprint("data ", h.Seq), string(m.Data), "memory of a message was used again")
	s := sending{h.Seq, h.Oldest, h.End, time.Since(w.start)}
	w.sent = append(w.sent, s)
	if w.fails != nil {
		return w.fails
	}
	if w.answer != nil {
		w.answer(s)
	}
	return nil
}

// outcome answers a message.
func (w *wire) outcome(seq uint64, o bus.Outcome) {
	a := bus.Ack(o)
	a.Subject = fmt.Sprintf("inbox.%d", seq)
	w.sender.receive(a)
}

// nobody answers as a server does where nobody listens.
func (w *wire) nobody(seq uint64) {
	w.sender.receive(&nats.Msg{Subject: fmt.Sprintf("inbox.%d", seq), Header: nats.Header{"Status": {"503"}}})
}

// line gives messages, some time apart.
type line struct {
	n, made int
	every   time.Duration // 0 for no pace
	per     int           // messages a recording
	spare   [][]byte
}

func (l *line) next(context.Context) (*message, error) {
	if l.made == l.n {
		return nil, io.EOF
	}
	var data []byte
	if n := len(l.spare); n > 0 {
		data, l.spare = l.spare[n-1], l.spare[:n-1]
	}
	m := &message{data: fmt.Append(data[:0], "data ", l.made), events: 10, source: Source{Recording: fmt.Sprint(l.made / l.per)}}
	m.header = bus.EventsHeader{
		Encoding: "mono", Session: "s", Seq: uint64(l.made), HasSeq: true, Oldest: uint64(l.made), HasOldest: true,
		Recording: m.source.Recording, End: l.made%l.per == l.per-1 || l.made == l.n-1,
	}
	if l.every > 0 {
		m.play = (time.Duration(l.made) * l.every).Microseconds()
	}
	l.made++
	return m, nil
}

func (l *line) jump(context.Context, *message, int, int64) (where, error) { panic("nobody jumps") }

func (l *line) done(m *message) { l.spare = append(l.spare, m.data) }

// send runs a sender in a bubble.
func send(t *testing.T, l *line, change func(*Options, *wire), check func(w *wire, r Report, err error)) {
	t.Helper()
	sendWith(t, (*testing.T).Context, l, change, check)
}

func sendWith(t *testing.T, ctx func(*testing.T) context.Context, l *line, change func(*Options, *wire), check func(w *wire, r Report, err error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if l.per == 0 {
			l.per = 5
		}
		w := &wire{t: t, start: time.Now()}
		o := testOptions()
		if l.every > 0 {
			o.Speed = 1
		}
		runs := ctx(t)
		if change != nil {
			change(&o, w)
		}
		w.sender = newSender(w, l, o, "inbox")
		err := w.sender.run(runs)
		check(w, w.sender.report, err)
	})
}

// seqs are the numbers of what was sent.
func seqs(in []sending) []uint64 {
	out := make([]uint64, len(in))
	for i, s := range in {
		out[i] = s.seq
	}
	return out
}

func processed(w *wire) { w.answer = func(s sending) { w.outcome(s.seq, bus.OutcomeProcessed) } }

// Where everything is taken, every message is sent once, when it is due.
func TestPace(t *testing.T) {
	for _, every := range []time.Duration{0, time.Millisecond, 2500 * time.Millisecond} {
		var sent []uint64
		var ended []string
		send(
			t, &line{n: 12, every: every}, func(o *Options, w *wire) {
				processed(w)
				o.OnSend = func(seq uint64) { sent = append(sent, seq) }
				o.OnEnd = func(s Source) { ended = append(ended, s.Recording) }
			},
			func(w *wire, r Report, err error) {
				require.NoError(t, err)
				require.Equal(t, Report{Recordings: 3, Messages: 12, Events: 120}, r)
				require.Len(t, w.sent, 12)
				for i, s := range w.sent {
					require.EqualValues(t, i, s.seq)
					require.Equal(t, time.Duration(i)*every, s.at)
				}
				require.Equal(t, seqs(w.sent), sent)
				require.Equal(t, []string{"0", "1", "2"}, ended)
			},
		)
	}
}

// The recording's own clock, faster or slower, paces its messages: each is sent when
// its last event was.
func TestSpeed(t *testing.T) {
	dir := t.TempDir()
	sources := []Source{write(t, dir, "a", ramp(35, 1000)), write(t, dir, "b", ramp(20, 500))}
	for _, speed := range []float64{1, 4, 0.5} {
		synctest.Test(t, func(t *testing.T) {
			o := testOptions()
			o.Speed = speed
			m := newTestMaker(t, sources, o)
			w := &anyWire{}
			w.sender = newSender(w, m, o, "inbox")
			start := time.Now()
			require.NoError(t, w.sender.run(t.Context()))
			var got []time.Duration
			for _, at := range w.at {
				got = append(got, at.Sub(start))
			}
			us := func(n float64) time.Duration { return time.Duration(n / speed * float64(time.Microsecond)) }
			require.Equal(t, []time.Duration{
				us(9_000), us(19_000), us(29_000), us(34_000), // a message is due when its last event is
				us(38_501), us(43_501), // the next recording begins a microsecond behind
			}, got)
			require.NoError(t, m.close())
		})
	}
}

// anyWire takes everything at once.
type anyWire struct {
	sender *sender
	at     []time.Time
}

func (*anyWire) IsClosed() bool { return false }

func (w *anyWire) PublishMsg(m *nats.Msg) error {
	w.at = append(w.at, time.Now())
	a := bus.Ack(bus.OutcomeProcessed)
	a.Subject = m.Reply
	w.sender.receive(a)
	return nil
}

// Where nobody answers, no more than a window is sent, again and again, until it
// is given up.
func TestNoAnswer(t *testing.T) {
	send(t, &line{n: 12}, nil, func(w *wire, r Report, err error) {
		require.ErrorContains(t, err, "no acknowledgement for 10s: 4 messages")
		require.Equal(t, Report{Resent: 4 * 9}, r)
		require.Len(t, w.sent, 4*10)
		for i, s := range w.sent {
			require.EqualValues(t, i%4, s.seq)
			require.Zero(t, s.oldest)
			require.Equal(t, time.Duration(i/4)*time.Second, s.at)
		}
		require.Equal(t, 10*time.Second, time.Since(w.start))
	})
	// Giving up comes when it is due, however long an answer may take.
	send(t, &line{n: 2}, func(o *Options, _ *wire) { o.AckTimeout, o.GiveUp = time.Minute, 3*time.Second }, func(w *wire, _ Report, err error) {
		require.ErrorContains(t, err, "no acknowledgement for 3s: 2 messages")
		require.Equal(t, 3*time.Second, time.Since(w.start))
		require.Len(t, w.sent, 2)
	})
}

// A message that is lost is sent again with all that are behind it and not
// acknowledged, though others are sent and answered meanwhile.
func TestOneIsLost(t *testing.T) {
	lost := false
	send(
		t, &line{n: 10, every: 400 * time.Millisecond}, func(_ *Options, w *wire) {
			w.answer = func(s sending) {
				if s.seq == 2 && !lost {
					lost = true
					return
				}
				w.outcome(s.seq, bus.OutcomeProcessed)
			}
		},
		func(w *wire, r Report, err error) {
			require.NoError(t, err)
			// 2 was sent at 0.8 s and missed at 1.8 s, when 3 and 4 had been answered.
			require.Equal(t, []uint64{0, 1, 2, 3, 4, 2, 5, 6, 7, 8, 9}, seqs(w.sent))
			require.Equal(t, 1800*time.Millisecond, w.sent[5].at)
			require.Equal(t, Report{Recordings: 2, Messages: 10, Events: 100, Resent: 1}, r)
		},
	)
}

// What is refused, or what nobody is there for, is sent again soon, in its order;
// what is new waits for that.
func TestRefused(t *testing.T) {
	for name, refuse := range map[string]func(w *wire, seq uint64){
		"busy":   func(w *wire, seq uint64) { w.outcome(seq, bus.OutcomeBusy) },
		"nobody": (*wire).nobody,
	} {
		t.Run(name, func(t *testing.T) {
			next := uint64(0)
			send(
				t, &line{n: 8}, func(_ *Options, w *wire) {
					w.answer = func(s sending) {
						if s.seq >= 2 && s.at < 3*backoff || s.seq > next {
							refuse(w, s.seq)
							return
						}
						w.outcome(s.seq, bus.OutcomeProcessed)
						next++
					}
				},
				func(w *wire, r Report, err error) {
					require.NoError(t, err)
					require.Equal(t, Report{Recordings: 2, Messages: 8, Events: 80, Resent: r.Resent}, r)
					require.Equal(t, uint64(8), next, "each is processed once and in its order")
					require.Equal(t, []uint64{0, 1, 2, 2, 2, 2}, seqs(w.sent)[:6])
					for i, at := range []time.Duration{0, 0, 0, backoff, 2 * backoff, 3 * backoff} {
						require.Equal(t, at, w.sent[i].at)
					}
				},
			)
		})
	}
	// Refused for ever is not taken.
	send(t, &line{n: 8}, func(_ *Options, w *wire) {
		w.answer = func(s sending) { w.outcome(s.seq, bus.OutcomeBusy) }
	}, func(w *wire, _ Report, err error) {
		require.ErrorContains(t, err, "no acknowledgement for 10s")
		require.InDelta(t, 10*time.Second, time.Since(w.start), float64(backoff))
	})
}

// daemon is one that keeps what it must, over a way that does not.
type daemon struct {
	next      uint64 // as the pipeline has it: the number expected next
	processed []uint64
	rejected  map[uint64]bool
}

// Over a way that loses, delays, repeats and swaps messages and answers, to a
// daemon that is busy or away at times and rejects some, every message is processed
// once and in its order, and all are acknowledged.
func TestGoBackN(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := 1 + rng.IntN(40)
		d := daemon{rejected: map[uint64]bool{}}
		rejects := int64(0)
		l := &line{n: n, per: 1 + rng.IntN(9)}
		if rng.IntN(2) == 0 {
			l.every = time.Duration(rng.IntN(100)) * time.Millisecond
		}
		loss := rng.IntN(40)
		send(
			t, l, func(o *Options, w *wire) {
				o.Window = 1 + rng.IntN(9)
				o.AckTimeout = 300 * time.Millisecond
				o.GiveUp = time.Hour
				for i := range uint64(n) {
					if rng.IntN(8) == 0 {
						d.rejected[i] = true
						rejects++
					}
				}
				w.answer = func(s sending) {
					for range 1 + rng.IntN(2) { // it may come twice
						if rng.IntN(100) < loss {
							continue
						}
						if rng.IntN(10) == 0 {
							w.nobody(s.seq)
							continue
						}
						deliver := func() {
							o, answered := d.take(s), rng.IntN(100) >= loss
							if answered {
								w.outcome(s.seq, o)
							}
						}
						if rng.IntN(2) == 0 {
							deliver()
							continue
						}
						w.later(time.Duration(rng.IntN(500))*time.Millisecond, deliver)
					}
				}
			},
			func(w *wire, r Report, err error) {
				require.NoError(t, err, "seed %d", seed)
				require.Len(t, d.processed, n, "seed %d", seed)
				for i, seq := range d.processed {
					require.EqualValues(t, i, seq, "seed %d", seed)
				}
				require.EqualValues(t, n, r.Messages)
				require.EqualValues(t, 10*n, r.Events)
				require.Equal(t, (int64(n)+int64(l.per)-1)/int64(l.per), r.Recordings)
				require.LessOrEqual(t, r.Rejected, rejects)
				first := map[uint64]bool{}
				for _, s := range w.sent {
					first[s.seq] = true
					require.LessOrEqual(t, s.oldest, s.seq)
				}
				require.Len(t, first, n)
				require.Equal(t, int64(len(w.sent)-n), r.Resent)
			},
		)
	}
}

// take is what a daemon does with a message.
func (d *daemon) take(s sending) bus.Outcome {
	switch {
	case s.seq < d.next:
		return bus.OutcomeDuplicate
	case s.seq > d.next:
		return bus.OutcomeBusy
	}
	d.next++
	d.processed = append(d.processed, s.seq)
	if d.rejected[s.seq] {
		return bus.OutcomeRejected
	}
	return bus.OutcomeProcessed
}

// When the context ends nothing more is sent, and what is under way is waited for.
func TestCancelled(t *testing.T) {
	var cancel context.CancelFunc
	ctx := func(t *testing.T) (ctx context.Context) {
		ctx, cancel = context.WithCancel(t.Context())
		return ctx
	}
	t.Run("answered late", func(t *testing.T) {
		sendWith(
			t, ctx, &line{n: 12}, func(o *Options, w *wire) {
				o.OnSend = func(seq uint64) {
					if seq == 2 {
						cancel()
					}
				}
				w.answer = func(s sending) {
					w.later(500*time.Millisecond, func() { w.outcome(s.seq, bus.OutcomeProcessed) })
				}
			},
			func(w *wire, r Report, err error) {
				require.ErrorIs(t, err, context.Canceled)
				require.Equal(t, Report{Messages: 3, Events: 30}, r)
				require.Equal(t, []uint64{0, 1, 2}, seqs(w.sent))
				require.Equal(t, 500*time.Millisecond, time.Since(w.start))
			},
		)
	})
	t.Run("refused first", func(t *testing.T) {
		sendWith(
			t, ctx, &line{n: 12}, func(o *Options, w *wire) {
				o.OnSend = func(uint64) { cancel() }
				w.answer = func(s sending) {
					if s.at == 0 {
						w.nobody(s.seq)
						return
					}
					w.outcome(s.seq, bus.OutcomeProcessed)
				}
			},
			func(_ *wire, r Report, err error) {
				require.ErrorIs(t, err, context.Canceled)
				require.Equal(t, Report{Messages: 1, Events: 10, Resent: 1}, r)
			},
		)
	})
	t.Run("not answered", func(t *testing.T) {
		sendWith(
			t, ctx, &line{n: 12, every: time.Millisecond}, func(o *Options, _ *wire) {
				o.OnSend = func(seq uint64) {
					if seq == 2 {
						cancel()
					}
				}
			},
			func(w *wire, r Report, err error) {
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorContains(t, err, "3 messages are not known to have been processed")
				require.Zero(t, r.Messages)
				require.Equal(t, 2*time.Millisecond+time.Second, time.Since(w.start))
			},
		)
	})
	t.Run("before the first", func(t *testing.T) {
		sendWith(t, func(t *testing.T) context.Context {
			c := ctx(t)
			cancel()
			return c
		}, &line{n: 12}, nil, func(w *wire, _ Report, err error) {
			require.ErrorIs(t, err, context.Canceled)
			require.Empty(t, w.sent)
		})
	})
	t.Run("waiting for a pace", func(t *testing.T) {
		sendWith(t, ctx, &line{n: 12, every: time.Hour}, func(_ *Options, w *wire) {
			processed(w)
			time.AfterFunc(time.Minute, cancel)
		}, func(w *wire, r Report, err error) {
			require.ErrorIs(t, err, context.Canceled)
			require.EqualValues(t, 1, r.Messages)
			require.Equal(t, time.Minute, time.Since(w.start))
		})
	})
	// All that there was has been acknowledged: it was not cut short.
	t.Run("behind the last", func(t *testing.T) {
		sendWith(t, ctx, &line{n: 5}, func(o *Options, w *wire) {
			processed(w)
			o.OnEnd = func(Source) { cancel() }
		}, func(_ *wire, r Report, err error) {
			require.NoError(t, err)
			require.EqualValues(t, 5, r.Messages)
		})
	})
}

// A lost connection is no end. What was under way is sent again when it is back.
func TestConnectionIsLostAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{t: t, start: time.Now(), fails: io.ErrClosedPipe}
		o := testOptions()
		o.AckTimeout = 3 * time.Second
		w.sender = newSender(w, &line{n: 6, per: 6}, o, "inbox")
		status := make(chan nats.Status, 2)
		w.sender.status = status
		w.later(500*time.Millisecond, func() {
			w.fails = nil
			processed(w)
			status <- nats.CONNECTED
		})
		require.NoError(t, w.sender.run(t.Context()))
		require.Equal(t, 500*time.Millisecond+settle, time.Since(w.start))
		require.Equal(t, []uint64{0, 1, 2, 3, 0, 1, 2, 3, 4, 5}, seqs(w.sent))
		require.Equal(t, Report{Recordings: 1, Messages: 6, Events: 60, Resent: 4}, w.sender.report)
	})
	// From the moment in which it is known to be lost nothing is sent, nothing new either, until whoever looks at the
	// results has had time to come back as well.
	synctest.Test(t, func(t *testing.T) {
		w := &wire{t: t, start: time.Now()}
		processed(w)
		o := testOptions()
		o.Speed = 1
		w.sender = newSender(w, &line{n: 60, per: 6, every: 10 * time.Millisecond}, o, "inbox")
		status := make(chan nats.Status, 2)
		w.sender.status = status
		w.later(95*time.Millisecond, func() { status <- nats.RECONNECTING })
		w.later(5*time.Second, func() { status <- nats.CONNECTED })
		require.NoError(t, w.sender.run(t.Context()))
		before := 0
		for _, m := range w.sent {
			if m.at <= 95*time.Millisecond {
				before++
				continue
			}
			require.GreaterOrEqual(t, m.at, 5*time.Second+settle)
		}
		require.Equal(t, 10, before)
		require.EqualValues(t, 60, w.sender.report.Messages)
	})
	// It does not come back.
	synctest.Test(t, func(t *testing.T) {
		w := &wire{t: t, start: time.Now()}
		o := testOptions()
		w.sender = newSender(w, &line{n: 6, per: 6}, o, "inbox")
		status := make(chan nats.Status, 2)
		w.sender.status = status
		status <- nats.RECONNECTING
		require.ErrorContains(t, w.sender.run(t.Context()), "no acknowledgement for")
		require.Equal(t, o.GiveUp, time.Since(w.start))
		require.Empty(t, w.sent)
	})
	synctest.Test(t, func(t *testing.T) {
		w := &wire{t: t, start: time.Now()}
		w.sender = newSender(w, &line{n: 6, per: 6}, testOptions(), "inbox")
		status := make(chan nats.Status, 1)
		w.sender.status = status
		status <- nats.CLOSED
		require.ErrorIs(t, w.sender.run(t.Context()), nats.ErrConnectionClosed)
		require.Zero(t, time.Since(w.start))
	})
}

// Some errors will be there at the next try as well.
func TestCannotSend(t *testing.T) {
	for _, fatal := range []error{nats.ErrMaxPayload, nats.ErrBadSubject, nats.ErrHeadersNotSupported, nats.ErrConnectionDraining} {
		send(t, &line{n: 3}, func(_ *Options, w *wire) { w.fails = fatal }, func(w *wire, _ Report, err error) {
			require.ErrorIs(t, err, fatal)
			require.Len(t, w.sent, 1)
		})
	}
	send(t, &line{n: 3}, func(_ *Options, w *wire) { w.fails, w.closed = nats.ErrConnectionClosed, true }, func(_ *wire, _ Report, err error) {
		require.ErrorIs(t, err, nats.ErrConnectionClosed)
	})
	for _, passing := range []error{nats.ErrReconnectBufExceeded, errors.New("write: broken pipe")} {
		send(t, &line{n: 3}, func(_ *Options, w *wire) { w.fails = passing }, func(_ *wire, _ Report, err error) {
			require.ErrorContains(t, err, "no acknowledgement for 10s")
		})
	}
}

// What comes and is no answer, or one to something else, changes nothing.
func TestStrangeAnswers(t *testing.T) {
	send(
		t, &line{n: 3}, func(_ *Options, w *wire) {
			w.answer = func(s sending) {
				for _, subject := range []string{"inbox", "inbox.", "inbox.x", "inbox.-1", "inbox.99", "inbox.18446744073709551615", ""} {
					a := bus.Ack(bus.OutcomeProcessed)
					a.Subject = subject
					w.sender.receive(a)
				}
				for _, h := range []nats.Header{nil, {bus.HeaderOutcome: {"fine"}}, {bus.HeaderOutcome: {"processed", "busy"}}, {"Status": {"500"}}} {
					w.sender.receive(&nats.Msg{Subject: fmt.Sprint("inbox.", s.seq), Header: h})
				}
				if s.at < 500*time.Millisecond {
					return
				}
				w.outcome(s.seq, bus.OutcomeProcessed)
				w.outcome(s.seq, bus.OutcomeBusy)
				w.outcome(s.seq, bus.OutcomeRejected)
			}
		},
		func(w *wire, r Report, err error) {
			require.NoError(t, err)
			require.Equal(t, Report{Recordings: 1, Messages: 3, Events: 30, Resent: 3}, r)
			require.Equal(t, time.Second, time.Since(w.start))
		},
	)
}

func TestOptions(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"subject":     func(o *Options) { o.Subject = "" },
		"events":      func(o *Options) { o.PacketEvents = 0 },
		"time":        func(o *Options) { o.PacketTime = -1 },
		"window":      func(o *Options) { o.Window = 0 },
		"ack timeout": func(o *Options) { o.AckTimeout = 0 },
		"give up":     func(o *Options) { o.GiveUp = 0 },
		"speed":       func(o *Options) { o.Speed = -1 },
		"encoding":    func(o *Options) { o.Encoding = "morse" },
	} {
		o := testOptions()
		change(&o)
		_, err := Run(t.Context(), nil, nil, o)
		require.Error(t, err, name)
	}
}
