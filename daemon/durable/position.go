package durable

import (
	"fmt"
	"strconv"
	"strings"
)

// Position is where a pipeline stands in the stream of events. Its zero value is ahead of
// the first message.
type Position struct {
	// Epoch tells streams of the same name apart, one of which took the place of the other.
	Epoch int64 `json:"epoch"`
	// Seq is the number of the last message that the pipeline has seen.
	Seq uint64 `json:"seq"`
}

// Mark is the last result of a sensor that is stored: the result with this index, from 0,
// of the message at this position. Messages count from 1, so that its zero value is
// ahead of all.
type Mark struct {
	Position

	Index int
}

// covers tells whether a result is stored. Numbers of another stream say nothing of this
// one's.
func (m Mark) covers(at Position, index int) bool {
	return m.Epoch == at.Epoch && (at.Seq < m.Seq || at.Seq == m.Seq && index <= m.Index)
}

// epochBase is how an epoch is written: in few characters.
const epochBase = 36

// id is a result's Nats-Msg-Id. The epoch is in it as numbers begin anew with the stream: a
// result of another stream's message is not this one's.
func id(sensor string, at Position, index int) string {
	return sensor + "." + strconv.FormatUint(at.Seq, 10) + "." + strconv.Itoa(index) + "." + strconv.FormatInt(at.Epoch, epochBase)
}

// parseID takes a Nats-Msg-Id apart.
func parseID(sensor, s string) (Mark, error) {
	bad := func() (Mark, error) {
		return Mark{}, fmt.Errorf("Nats-Msg-Id of a result: expected %s.NUMBER.INDEX.EPOCH, found %q", sensor, s[:min(len(s), 128)])
	}
	rest, ok := strings.CutPrefix(s, sensor+".")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 3 {
		return bad()
	}
	seq, err := strconv.ParseUint(parts[0], 10, 64)
	if err != nil || seq == 0 {
		return bad()
	}
	index, err := strconv.ParseUint(parts[1], 10, 31)
	if err != nil {
		return bad()
	}
	epoch, err := strconv.ParseInt(parts[2], epochBase, 64)
	if err != nil {
		return bad()
	}
	m := Mark{Position{Epoch: epoch, Seq: seq}, int(index)}
	if id(sensor, m.Position, m.Index) != s {
		return bad() // a sign, a leading zero or a capital: we write none
	}
	return m, nil
}
