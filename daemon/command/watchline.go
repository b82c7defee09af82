package command

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// printable takes out of a line what a terminal would obey: names and errors come
// from whoever publishes.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, line)
}

// featuresView is what is shown of a features message: its numbers, not its events.
type featuresView struct {
	Seq       *uint64     `json:"seq,omitempty"`
	Recording string      `json:"recording,omitempty"`
	Part      int         `json:"part"`
	Events    int         `json:"events"`
	Features  int         `json:"features"`
	Missed    int         `json:"missed"`
	Border    int         `json:"border"`
	Outside   int         `json:"outside"`
	Noise     int         `json:"noise,omitempty"`
	Ignored   int         `json:"ignored,omitempty"`
	Filtered  int         `json:"filtered,omitempty"`
	ByFeature map[int]int `json:"by_feature"`
}

// describe gives a line for people and an object for programs.
func describe(k bus.Kind, m *nats.Msg, g glyphs) (line string, object any, err error) {
	switch k {
	case bus.KindFeatures:
		return describeFeatures(m, g)
	case bus.KindLabels:
		l, err := bus.Decode[bus.Label](m.Data)
		line = fmt.Sprintf("%s  confidence %.2f, %d events", l.Label, l.Confidence, l.Events)
		if l.Truth != "" {
			verdict := "right"
			if l.Truth != l.Label {
				verdict = "wrong: it is " + l.Truth
			}
			line += ", " + verdict
		}
		if l.Kind == bus.LabelRunning || l.Kind == bus.LabelInterval {
			line += ", " + string(l.Kind)
		}
		return line + "  " + l.Recording, json.RawMessage(m.Data), err
	case bus.KindRejects:
		r, err := bus.Decode[bus.Reject](m.Data)
		return fmt.Sprintf("%s: %s", r.Reason, r.Error), json.RawMessage(m.Data), err
	default:
		s, err := bus.Decode[bus.Status](m.Data)
		return statusLine(&s), json.RawMessage(m.Data), err
	}
}

// statusLine is a status in a line: what of it differs by layer, a layer after the other.
func statusLine(s *bus.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d events, ", s.Events)
	if n := s.Filtered.Sum(); n > 0 {
		fmt.Fprintf(&b, "%.2f %% filtered, ", 100*float64(n)/float64(max(s.Events, 1)))
	}
	layers := layersOf(s)
	for i, l := range layers {
		if len(layers) > 1 {
			fmt.Fprintf(&b, "layer %d: ", i+1)
		}
		fmt.Fprintf(&b, "%.2f %% missed, thresholds %.3f (%.3f to %.3f), ", 100*l.MissedRate, l.ThresholdMean, l.ThresholdMin, l.ThresholdMax)
	}
	if s.Network != nil {
		fmt.Fprintf(&b, "network: %s frames, %s, ", grouped(s.Network.Frames), networkWork(s.Network))
	}
	fmt.Fprintf(&b, "queue %d, rejects %d, gaps %d", s.QueueDepth, s.Rejects, s.Gaps)
	return b.String()
}

func describeFeatures(m *nats.Msg, g glyphs) (string, any, error) {
	h, err := bus.ParseFeaturesHeader(m.Header)
	if err != nil {
		return "", nil, err
	}
	list, err := bus.AppendFeatureEvents(nil, m.Data)
	list = slices.DeleteFunc(list, func(f bus.FeatureEvent) bool { return f.Missed })
	if err != nil {
		return "", nil, err
	}
	v := featuresView{
		Recording: h.Recording, Part: h.Part, Events: h.Counts.Events, Features: len(list),
		Missed: h.Counts.Missed, Border: h.Counts.Border, Outside: h.Counts.Outside,
		Noise: h.Counts.Noise, Ignored: h.Counts.Ignored, Filtered: h.Counts.Refractory + h.Counts.Background, ByFeature: map[int]int{},
	}
	if h.HasSeq {
		v.Seq = &h.Seq
	}
	for _, f := range list {
		v.ByFeature[int(f.Feature)]++
	}
	return fmt.Sprintf("%5d of %5d events won  %s", v.Features, v.Events, g.histogram(v.ByFeature)), v, nil
}

// asciiOnly puts a question mark in the place of what is not ASCII.
func asciiOnly(line string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, line)
}
