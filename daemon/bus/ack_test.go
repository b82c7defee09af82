package bus

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

func TestAck(t *testing.T) {
	ctx := testContext(t)
	nc := connect(t, ConnectOptions{Server: startServer(t, ServerOptions{})})
	outcomes := []Outcome{OutcomeProcessed, OutcomeDuplicate, OutcomeRejected, OutcomeBusy}
	next := 0
	_, err := nc.Subscribe("test", func(m *nats.Msg) {
		_ = m.RespondMsg(Ack(outcomes[next])) // the request fails if it does
		next++
	})
	require.NoError(t, err)
	for _, want := range outcomes {
		m, err := nc.RequestWithContext(ctx, "test", nil)
		require.NoError(t, err)
		got, err := ParseAck(m)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	// Where nobody listens the server itself answers.
	inbox := nc.NewRespInbox()
	sub, err := nc.SubscribeSync(inbox)
	require.NoError(t, err)
	require.NoError(t, nc.PublishRequest("nobody", inbox, nil))
	m, err := sub.NextMsgWithContext(ctx)
	if err == nil {
		_, err = ParseAck(m)
	}
	require.ErrorIs(t, err, nats.ErrNoResponders)

	for _, h := range []nats.Header{nil, {}, {HeaderOutcome: {"done"}}, {HeaderOutcome: {"busy", "busy"}}} {
		_, err := ParseAck(&nats.Msg{Header: h})
		var he *HeaderError
		require.ErrorAs(t, err, &he)
	}
}
