package bus

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever a server answers is a message with a number, none, or an error.
func FuzzLast(f *testing.F) {
	for _, seed := range []string{
		`{"message":{"seq":7,"hdrs":"TkFUUy8xLjANCk5hdHMtTXNnLUlkOiBhLjEuMC56DQoNCg==","data":"eyJ0ZXJtIjoyfQ==","time":"2026-11-23T22:00:00Z"}}`,
		`{"message":{"seq":0}}`, `{"message":{"seq":1,"hdrs":"AAAA"}}`, `{"message":{"seq":-1}}`, `[]`, ``, `{}`,
		`{"error":{"code":404,"err_code":10037,"description":"no message found"}}`,
		`{"error":{"code":503,"err_code":10008,"description":"not now"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kept, err := parseLast(data)
		if err == nil && kept != nil {
			require.Positive(t, kept.Seq)
		}
		if err != nil {
			require.Nil(t, kept)
		}
	})
}

// What a stream says of its last message is read whole; that there is none is no error.
func TestLast(t *testing.T) {
	kept, err := parseLast([]byte(`{"message":{"seq":7,"hdrs":"TkFUUy8xLjANCk5hdHMtTXNnLUlkOiBhLjEuMC56DQoNCg==","data":"eyJ0ZXJtIjoyfQ=="}}`))
	require.NoError(t, err)
	require.Equal(t, uint64(7), kept.Seq)
	require.Equal(t, "a.1.0.z", kept.Header.Get("Nats-Msg-Id"))
	require.JSONEq(t, `{"term":2}`, string(kept.Data))
	kept, err = parseLast([]byte(`{"error":{"err_code":10037}}`))
	require.NoError(t, err)
	require.Nil(t, kept)
	_, err = parseLast([]byte(`{"error":{"err_code":10008,"description":"not now"}}`))
	require.EqualError(t, err, "not now (JetStream error 10008)")
	var syntax *json.SyntaxError
	_, err = parseLast([]byte("{"))
	require.ErrorAs(t, err, &syntax)
}
