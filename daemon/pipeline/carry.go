package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
)

// What one pipeline knows is put into another by way of its state: the parts that are not to be
// carried over are those of the new one, which checks the whole of it, as it does with any state,
// and refuses what it cannot be in.

// pooled are the fields of a place that say what is pooled, which of a new pipeline is
// nothing: a label at the end of a recording that is under way rests on what comes from
// here on.
var pooled = []string{"first", "last", "events", "seq", "has_seq", "won", "since", "pending"}

// GoOnFrom has a new pipeline go on where an old one stands. Where both started from the same
// layers, pooling and model, it goes on with the same bits, and learned is true; otherwise
// it has its own features, and takes over the place in the stream, so that nothing is
// processed twice and what is missing is counted, the decoder's state, and the counters.
func (p *Pipeline) GoOnFrom(old *Pipeline) (learned bool, err error) {
	from, err := old.state()
	if err != nil {
		return false, fmt.Errorf("its state cannot be taken: %w", err)
	}
	err = p.UnmarshalBinary(joinState(&from))
	if err == nil || !errors.Is(err, ErrOrigin) {
		return true, err
	}
	to, err := p.state()
	if err != nil {
		return false, fmt.Errorf("its state cannot be taken: %w", err)
	}
	var was, is map[string]json.RawMessage
	var place map[string]json.RawMessage
	counters, err := json.Marshal(old.Counters()) // those of its layers too, which end here
	err = errors.Join(err, json.Unmarshal(from[partStand], &was), json.Unmarshal(to[partStand], &is), json.Unmarshal(was["place"], &place))
	if err != nil {
		return false, err
	}
	for _, field := range pooled {
		delete(place, field)
	}
	if is["place"], err = json.Marshal(place); err != nil {
		return false, err
	}
	is["counters"] = counters
	delete(is, "names")
	if names, there := was["names"]; there {
		is["names"] = names
	}
	if to[partStand], err = json.Marshal(is); err != nil {
		return false, err
	}
	to[partDecoder] = from[partDecoder]
	return false, p.UnmarshalBinary(joinState(&to))
}
