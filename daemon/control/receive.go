package control

import (
	"cmp"
	"context"
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// receive looks at a request and has it answered, now or by a goroutine that waits.
func (c *Control) receive(e endpoint, r micro.Request) {
	if reply := r.Reply(); reply != "" && !c.subjects.IsInbox(reply) {
		return // whoever asks must not have the daemon publish where it may not itself
	}
	t, err := e.prepare(r.Data())
	if err == nil && t == nil {
		return // another daemon's
	}
	if err == nil {
		err = c.start(e, r.Reply(), t)
	}
	if err != nil {
		no := errorOf(err)
		c.told(r.Error(no.Code, headerText(no.Description), nil))
	}
}

// start has a request done by a goroutine of its own, behind those of the same sensor
// or upload that came before, unless too many are under way.
func (c *Control) start(e endpoint, reply string, t *task) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return stopping
	}
	select {
	case c.waiting <- struct{}{}:
	default:
		return refuse(codeBusy, "%d requests wait already", maxWaiting)
	}
	var before, done chan struct{}
	if t.of != "" {
		before, done = c.last[t.of], make(chan struct{})
		c.last[t.of] = done
	}
	c.running.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(t.timeout, c.timeout))
		defer cancel()
		answer := &nats.Msg{Subject: reply}
		err := t.run(ctx, before, answer)
		<-c.waiting // whoever has the answer finds room
		if errors.Is(err, errElsewhere) {
			c.finished(t.of, done)
			return
		}
		if err != nil {
			c.refused[e.name].Add(1)
			no := errorOf(err)
			answer = &nats.Msg{Subject: reply, Header: nats.Header{
				micro.ErrorCodeHeader: {no.Code}, micro.ErrorHeader: {headerText(no.Description)},
			}, Data: no.whole()}
		}
		if reply != "" {
			// The library's own answer must not be used here: it keeps accounts that
			// belong to the subscription's goroutine.
			c.told(c.nc.PublishMsg(answer))
		}
		c.finished(t.of, done)
	})
	return nil
}

// run does the task, behind the one before, unless that has taken too long. The one
// before had its time earlier, and so has ended when this one's is over.
func (t *task) run(ctx context.Context, before <-chan struct{}, answer *nats.Msg) error {
	if before != nil {
		<-before
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.do(ctx, answer)
}

// finished lets the next request of a sensor or an upload go.
func (c *Control) finished(of string, done chan struct{}) {
	if done == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last[of] == done {
		delete(c.last, of)
	}
	close(done)
}

// told notes an answer that could not be published: whoever asked asks again.
func (c *Control) told(err error) {
	if err != nil && !errors.Is(err, nats.ErrMsgNoReply) {
		c.log.Debug("an answer could not be published", "error", err)
	}
}
