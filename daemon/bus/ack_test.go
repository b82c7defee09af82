package bus

import (
	"strings"
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

// Where messages are kept in a stream it is the server that answers.
func TestAckOfAStream(t *testing.T) {
	for text, want := range map[string]Outcome{
		`{"stream":"saccade-events", "seq":17}`:                                          OutcomeStored,
		`{"stream":"saccade-events", "seq":17,"duplicate": true}`:                        OutcomeStored,
		`{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}}`: OutcomeBusy,
		`{"stream":"saccade-events"}`:                                                    "",
		`{"seq":3}`:                                                                      "",
		`{"stream":`:                                                                     "",
		`events`:                                                                         "",
		`{` + strings.Repeat(" ", 5000) + `"stream":"a","seq":1}`:                        "",
	} {
		got, err := ParseAck(&nats.Msg{Data: []byte(text)})
		require.Equal(t, want, got, text)
		require.Equal(t, want == "", err != nil, text)
	}
}
