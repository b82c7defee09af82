package formattest

import (
	"encoding"
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Part is a message of a stream.
type Part struct {
	Header events.MessageHeader
	Data   []byte
}

// Resumed decodes a stream twice: with one decoder, and with one whose place another takes
// between messages now and then, with its state. The same events and damage must come
// of the two, and the same states; also where messages are lost, and where a recording
// begins. A decoder that has no state must need none. Rng says where what happens.
func Resumed(t require.TestingT, e *events.Encoding, stream []Part, rng *rand.Rand) {
	helper(t)
	whole, parts := e.NewDecoder(), e.NewDecoder()
	for i, m := range stream {
		if rng.IntN(3) == 0 {
			parts = resume(t, e, parts, rng)
		}
		switch rng.IntN(8) {
		case 0:
			lost(whole)
			lost(parts)
		case 1:
			if rng.IntN(4) == 0 {
				whole.Reset()
				parts.Reset()
			}
		}
		in, damage := DecodeAll(t, whole, m.Header, m.Data, 1+rng.IntN(300))
		got, found := DecodeAll(t, parts, m.Header, m.Data, 1+rng.IntN(300))
		require.Equal(t, in, got, "message %d: with the state of another decoder", i)
		require.Equal(t, damage, found, "message %d: with the state of another decoder", i)
		require.Equal(t, skipped(whole), skipped(parts), "message %d: with the state of another decoder", i)
		require.Equal(t, StateOf(t, whole), StateOf(t, parts), "message %d: the states differ", i)
	}
}

// resume is a new decoder with the state of another. On the way it sees that what cannot
// be a state is refused and leaves a decoder as it was.
func resume(t require.TestingT, e *events.Encoding, old events.Decoder, rng *rand.Rand) events.Decoder {
	helper(t)
	next := e.NewDecoder()
	d, ok := next.(encoding.BinaryUnmarshaler)
	if !ok {
		return next
	}
	state := StateOf(t, old)
	require.NoError(t, d.UnmarshalBinary(state))
	require.Equal(t, state, StateOf(t, next), "a state that is put back is given again")
	for _, bad := range [][]byte{nil, state[:rng.IntN(len(state))], append(state[:len(state):len(state)], byte(rng.Uint32()))} {
		if err := d.UnmarshalBinary(bad); err == nil {
			require.Failf(t, "a state that cannot be is refused", "%d bytes of %d", len(bad), len(state))
		}
		require.Equal(t, state, StateOf(t, next), "a refused state changes nothing")
	}
	return next
}

// StateOf is what a decoder carries from message to message, nil for one that carries nothing.
func StateOf(t require.TestingT, d events.Decoder) []byte {
	helper(t)
	m, ok := d.(encoding.BinaryMarshaler)
	if !ok {
		return nil
	}
	state, err := m.MarshalBinary()
	require.NoError(t, err)
	require.NotEmpty(t, state)
	return state
}

// lost tells a decoder that a message is missing, as the daemon does.
func lost(d events.Decoder) {
	if l, ok := d.(interface{ Lost() }); ok {
		l.Lost()
		return
	}
	d.Reset()
}

func skipped(d events.Decoder) map[string]int64 {
	if s, ok := d.(interface{ Skipped() map[string]int64 }); ok {
		return s.Skipped()
	}
	return nil
}
