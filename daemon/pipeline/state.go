package pipeline

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
)

// A pipeline's state, little-endian:
//
//	"SACSTATE" | version u32 | CRC-32C u32 of what follows
//	then eight parts, each a length u64 and its bytes: where the stream stands
//	(JSON), the model, the layer's state, the pooled counts, the monitor's state, the
//	network's, the decoder's, the filters'; those from the model to the network and the
//	filters' are empty where the geometry was not known yet, the network's where the model
//	has none, the decoder's where no message has come, and the filters' where there are none
//
// Version 1 had no monitor, version 2 no network, version 3 no decoder, version 4 no
// filters; all are still read.
const (
	stateMagic   = "SACSTATE"
	stateVersion = 5
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
	partDecoder
	partFilters
	partsNow
)

// partsOf is how many parts a state of each version has.
var partsOf = [stateVersion + 1]int{1: partMonitor, 2: partNetwork, 3: partDecoder, 4: partFilters, 5: partsNow}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// MarshalBinary takes the pipeline's whole state. It is asked for between two messages.
func (p *Pipeline) MarshalBinary() ([]byte, error) {
	parts, err := p.state()
	if err != nil {
		return nil, err
	}
	return joinState(&parts), nil
}

// state takes the parts of the pipeline's state.
func (p *Pipeline) state() (parts [partsNow][]byte, err error) {
	if parts[partStand], err = json.Marshal(p.stand()); err != nil {
		return parts, err
	}
	if parts[partDecoder], err = p.decoderState(); err != nil {
		return parts, err
	}
	if p.stages == nil {
		return parts, nil
	}
	m, err := p.Model()
	if err != nil {
		return parts, err
	}
	stages := [partsNow]encoding.BinaryMarshaler{
		partModel: m, partLayer: p.stages.layers, partCounts: p.stages.counts, partMonitor: monitors(p.stages.monitors),
	}
	if p.filters != nil {
		stages[partFilters] = p.filters
	}
	if p.stages.network != nil {
		stages[partNetwork] = p.stages.network
	}
	for i, part := range stages {
		if part == nil {
			continue
		}
		if parts[i], err = part.MarshalBinary(); err != nil {
			return parts, err
		}
	}
	return parts, nil
}

// joinState puts a state together.
func joinState(parts *[partsNow][]byte) []byte {
	b := make([]byte, stateHead)
	for _, part := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	copy(b, stateMagic)
	binary.LittleEndian.PutUint32(b[len(stateMagic):], stateVersion)
	binary.LittleEndian.PutUint32(b[len(stateMagic)+4:], crc32.Checksum(b[stateHead:], castagnoli))
	return b
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
