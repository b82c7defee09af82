package pipeline

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
)

// ErrRates says that learning rates are out of their range.
var ErrRates = errors.New("learning rates")

var errLayers = errors.New("a layer's state is laid out in another way than was expected")

// SetConfigs gives the layers other configurations, one each, that differ in what sets the pace of
// learning alone. Everything else stays as it is, but the history of what was learned, which
// begins anew. Where they cannot be, nothing changes.
func (p *Pipeline) SetConfigs(now []feast.Config) error {
	if p.stages == nil {
		return ErrNoGeometry
	}
	parts, err := p.state()
	if err != nil {
		return fmt.Errorf("its state cannot be taken: %w", err)
	}
	var before []feast.Config
	for _, c := range p.Stack().Configs() {
		before = append(before, c.Feast)
	}
	if len(now) != len(before) {
		return fmt.Errorf("expected %d layers' configurations, found %d", len(before), len(now))
	}
	var m model.Model
	if err := m.UnmarshalBinary(parts[partModel]); err != nil {
		return err
	}
	m.Feast = now[0]
	for i := range m.Upper {
		m.Upper[i].Feast = now[i+1]
	}
	if err := m.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrRates, err)
	}
	if parts[partModel], err = m.MarshalBinary(); err != nil {
		return err
	}
	if parts[partLayer], err = layerState(parts[partLayer], before, now); err != nil {
		return err
	}
	parts[partMonitor] = nil
	return p.UnmarshalBinary(joinState(&parts))
}

// The heads of a layer's state (package feast) and of several (package stack).
const (
	layerHead  = len("SFST") + 2 + 4
	layersHead = len("SSTK") + 2 + 2
)

// layerState is a state of one layer or several with other configurations.
func layerState(b []byte, before, now []feast.Config) ([]byte, error) {
	if len(now) == 1 {
		return oneLayerState(b, before[0], now[0])
	}
	if len(b) < layersHead {
		return nil, errLayers
	}
	out := bytes.Clone(b[:layersHead])
	b = b[layersHead:]
	for i := range now {
		if len(b) < 8 || binary.LittleEndian.Uint64(b) > uint64(len(b)-8) {
			return nil, errLayers
		}
		end := 8 + int(binary.LittleEndian.Uint64(b))
		one, err := oneLayerState(b[8:end], before[i], now[i])
		if err != nil {
			return nil, err
		}
		out = binary.LittleEndian.AppendUint64(out, uint64(len(one)))
		out, b = append(out, one...), b[end:]
	}
	return append(out, b...), nil
}

func oneLayerState(b []byte, before, now feast.Config) ([]byte, error) {
	was, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	is, err := json.Marshal(now)
	if err != nil {
		return nil, err
	}
	if len(b) < layerHead || !bytes.HasPrefix(b[layerHead:], was) || binary.LittleEndian.Uint32(b[layerHead-4:]) != uint32(len(was)) {
		return nil, errLayers
	}
	out := bytes.Clone(b[:layerHead-4])
	out = binary.LittleEndian.AppendUint32(out, uint32(len(is)))
	out = append(out, is...)
	return append(out, b[layerHead+len(was):]...), nil
}
