package pipeline

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
)

// A pipeline's state, little-endian:
//
//	"SACSTATE" | version u32 | CRC-32C u32 of what follows
//	then six parts, each a length u64 and its bytes: where the stream stands
//	(JSON), the model, the layer's state, the pooled counts, the monitor's state, the
//	network's; the last five are empty where the geometry was not known yet, and the
//	last where the model has no network
//
// Version 1 had no monitor, version 2 no network; both are still read.
const (
	stateMagic   = "SACSTATE"
	stateVersion = 3
	stateHead    = len(stateMagic) + 8
)

// The parts of a state.
const (
	partStand = iota
	partModel
	partLayer
	partCounts
	partMonitor
	partNetwork
	partsNow
)

// partsOf is how many parts a state of each version has.
var partsOf = [stateVersion + 1]int{1: partMonitor, 2: partNetwork, 3: partsNow}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// stand is the first part of a state.
type stand struct {
	Origin   origin   `json:"origin"`
	Place    place    `json:"place"`
	Counters Counters `json:"counters"`
	Learning bool     `json:"learning"`
	// Asked is whether the options had learning on.
	Asked bool `json:"asked"`
	// Stateful decoders will add theirs; those there are keep nothing from
	// message to message.
}

// origin is what a pipeline starts from. A state goes on from there, and replaces
// it: it must not hide from somebody who configures another layer, or starts with
// another model, that there is an older one.
type origin struct {
	Feast *feast.Config  `json:"feast,omitempty"` // without geometry, which comes with the sensor; nil with a model
	Upper []stack.Config `json:"upper,omitempty"` // as configured; none with a model
	Pool  *pool.Config   `json:"pool,omitempty"`  // nil with a model that has its own
	Model string         `json:"model,omitempty"` // its SHA-256
}

func originOf(o *Options) (origin, error) {
	var from origin
	if o.Model == nil {
		c := o.Feast
		c.Width, c.Height = 0, 0
		from.Feast, from.Upper = &c, o.Upper
	} else {
		b, err := o.Model.MarshalBinary()
		if err != nil {
			return origin{}, err
		}
		from.Model = fmt.Sprintf("%x", sha256.Sum256(b))
	}
	if o.Model == nil || o.Model.Readout == nil {
		c := o.Pool
		from.Pool = &c
	}
	return from, nil
}

// check tells in what another origin differs.
func (o origin) check(other origin) error {
	switch {
	case o.Model != other.Model:
		return errors.New("the pipeline starts from another model than the state's did")
	case !equal(o.Feast, other.Feast):
		return fmt.Errorf("the layer was configured otherwise: %s", differences(o.Feast, other.Feast))
	case !slices.Equal(o.Upper, other.Upper):
		if len(o.Upper) != len(other.Upper) {
			return fmt.Errorf("the layers behind the first were configured otherwise: expected %d, found %d", len(o.Upper), len(other.Upper))
		}
		for i, u := range o.Upper {
			if u != other.Upper[i] {
				return fmt.Errorf("the layers behind the first were configured otherwise: layer %d: pool %d, found %d; %s",
					i+2, u.Pool, other.Upper[i].Pool, differences(u.Feast, other.Upper[i].Feast))
			}
		}
	case !equal(o.Pool, other.Pool):
		return fmt.Errorf("the pooling was configured otherwise: %s", differences(o.Pool, other.Pool))
	}
	return nil
}

// differences names the fields in which two configurations differ, with both values.
func differences(want, found any) string {
	fields := func(v any) map[string]json.RawMessage {
		out := map[string]json.RawMessage{}
		if text, err := json.Marshal(v); err == nil {
			_ = json.Unmarshal(text, &out) // what is no object, such as null, has no fields
		}
		return out
	}
	a, b := fields(want), fields(found)
	names := maps.Clone(a)
	maps.Copy(names, b)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(a[name], b[name]) {
			out = append(out, fmt.Sprintf("%s: expected %s, found %s", name, cmp.Or(string(a[name]), "none"), cmp.Or(string(b[name]), "none")))
		}
	}
	return strings.Join(out, "; ")
}

// MarshalBinary takes the pipeline's whole state.
func (p *Pipeline) MarshalBinary() ([]byte, error) {
	head, err := json.Marshal(stand{
		Origin: p.origin, Place: p.place, Counters: p.counters, Learning: p.learn, Asked: p.options.Learning,
	})
	if err != nil {
		return nil, err
	}
	parts := [partsNow][]byte{partStand: head}
	if p.stages != nil {
		m, err := p.Model()
		if err != nil {
			return nil, err
		}
		stages := [partsNow]encoding.BinaryMarshaler{
			partModel: m, partLayer: p.stages.layers, partCounts: p.stages.counts, partMonitor: monitors(p.stages.monitors),
		}
		if p.stages.network != nil {
			stages[partNetwork] = p.stages.network
		}
		for i, part := range stages {
			if part == nil {
				continue
			}
			if parts[i], err = part.MarshalBinary(); err != nil {
				return nil, err
			}
		}
	}
	b := make([]byte, stateHead)
	for _, part := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	copy(b, stateMagic)
	binary.LittleEndian.PutUint32(b[len(stateMagic):], stateVersion)
	binary.LittleEndian.PutUint32(b[len(stateMagic)+4:], crc32.Checksum(b[stateHead:], castagnoli))
	return b, nil
}

// UnmarshalBinary puts a state back. It refuses one of a pipeline that started
// from another layer, pooling or model. Learning is on or off as it was, unless
// the options ask for something else now than they did then. The pipeline is as it
// was when the state is refused.
func (p *Pipeline) UnmarshalBinary(b []byte) error {
	restored, err := p.restored(b)
	if err != nil {
		return fmt.Errorf("pipeline state: %w", err)
	}
	_ = p.Close() // nobody asks any more what became of its device
	*p = *restored
	return nil
}

// restored is a pipeline of the same options in a state.
func (p *Pipeline) restored(b []byte) (*Pipeline, error) {
	parts, err := splitState(b)
	if err != nil {
		return nil, err
	}
	var s stand
	d := json.NewDecoder(bytes.NewReader(parts[partStand]))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, err
	}
	if err := p.origin.check(s.Origin); err != nil {
		return nil, err
	}
	r := *p
	r.stages, r.decoder, r.encoding = nil, nil, ""
	r.learn = s.Learning
	if s.Asked != p.options.Learning {
		r.learn = p.options.Learning
	}
	switch g := p.geometry(); {
	case len(parts[partModel]) > 0:
		if err := r.restoreStages(&parts); err != nil {
			return nil, err
		}
	case s.Place.Open:
		return nil, errors.New("a recording is under way, and there is no layer")
	case g.Known(): // it was not, when the state was taken
		if err := r.build(g); err != nil {
			return nil, err
		}
	}
	// Setting stages up has touched these.
	r.place, r.counters = s.Place, s.Counters
	if r.stages != nil && r.stages.running != nil {
		// It followed counts that were empty.
		if err := r.stages.follow(r.place.Won); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

func (p *Pipeline) restoreStages(parts *[partsNow][]byte) error {
	var m model.Model
	if err := m.UnmarshalBinary(parts[partModel]); err != nil {
		return err
	}
	if g := p.geometry(); g.Known() && g != m.Feast.Geometry() {
		return fmt.Errorf("it is of a sensor with %dx%d pixels, and this one has %dx%d",
			m.Feast.Width, m.Feast.Height, g.Width, g.Height)
	}
	if err := p.SetModel(&m); err != nil {
		return err
	}
	if err := p.stages.layers.UnmarshalBinary(parts[partLayer]); err != nil {
		return err
	}
	p.stages.layers.SetLearning(p.learn)
	if watch := parts[partMonitor]; len(watch) > 0 {
		if err := monitors(p.stages.monitors).UnmarshalBinary(watch); err != nil {
			return err
		}
	}
	if err := p.restoreNetwork(parts[partNetwork]); err != nil {
		return err
	}
	return p.stages.counts.UnmarshalBinary(parts[partCounts])
}

func (p *Pipeline) restoreNetwork(state []byte) error {
	switch {
	case p.stages.network != nil:
		return p.stages.network.UnmarshalBinary(state)
	case len(state) > 0:
		return fmt.Errorf("expected no state of a network, as the model has none, found %d bytes", len(state))
	default:
		return nil
	}
}

// equal compares what two pointers point to, where they do.
func equal[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func splitState(b []byte) ([partsNow][]byte, error) {
	var parts [partsNow][]byte
	if len(b) < stateHead || string(b[:len(stateMagic)]) != stateMagic {
		return parts, fmt.Errorf("at byte 0: expected %q, found %q", stateMagic, b[:min(len(b), len(stateMagic))])
	}
	v := binary.LittleEndian.Uint32(b[len(stateMagic):])
	if v < 1 || v > stateVersion {
		return parts, fmt.Errorf("at byte %d: expected version 1 to %d, found %d", len(stateMagic), stateVersion, v)
	}
	want := binary.LittleEndian.Uint32(b[len(stateMagic)+4:])
	if got := crc32.Checksum(b[stateHead:], castagnoli); got != want {
		return parts, fmt.Errorf("it is damaged: expected checksum %08x, found %08x", want, got)
	}
	at := stateHead
	for i := range partsOf[v] {
		if len(b)-at < 8 {
			return parts, fmt.Errorf("at byte %d: expected a length, found the end", at)
		}
		n := binary.LittleEndian.Uint64(b[at:])
		at += 8
		if n > uint64(len(b)-at) {
			return parts, fmt.Errorf("at byte %d: expected %d bytes, found %d", at, n, len(b)-at)
		}
		parts[i] = b[at : at+int(n)]
		at += int(n)
	}
	if at != len(b) {
		return parts, fmt.Errorf("at byte %d: expected the end, found %d bytes more", at, len(b)-at)
	}
	return parts, nil
}
