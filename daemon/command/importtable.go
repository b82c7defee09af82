package command

import (
	"fmt"
	"math"
	"strings"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// importResult is what `import --json` prints.
type importResult struct {
	File  string `json:"file"`
	Opset int    `json:"opset,omitempty"`
	// ChannelsLast says that frames are [row][column][channel] in the file, and channels first here.
	ChannelsLast bool           `json:"channels_last,omitempty"`
	Network      string         `json:"network"`
	Input        importInput    `json:"input"`
	Layers       []importLayer  `json:"layers"`
	Parameters   int            `json:"parameters"`
	MACs         int64          `json:"macs"`
	Agreement    *agreementJSON `json:"agreement,omitempty"`
	Out          string         `json:"out,omitempty"`
	Bytes        int64          `json:"bytes,omitempty"`
}

type importInput struct {
	Channels int `json:"channels"`
	Height   int `json:"height"`
	Width    int `json:"width"`
	Min      int `json:"min"`
	Max      int `json:"max"`
}

type importLayer struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Shape      [3]int `json:"shape"`
	Parameters int    `json:"parameters"`
	MACs       int64  `json:"macs"` // of a dense frame
}

// agreementJSON says how near the integer network is to the one that was read, over the
// frames of the calibration.
type agreementJSON struct {
	Frames int     `json:"frames"`
	Labels int     `json:"same_label"` // frames whose largest output is the same one
	Error  float64 `json:"error"`      // of the outputs, root mean square, relative to theirs
}

// importedLayers lists the layers of a network.
func importedLayers(t *topology.Topology) (*importResult, error) {
	g, err := t.Resolve()
	if err != nil {
		return nil, err
	}
	in := t.Input
	r := &importResult{Network: t.Name, Input: importInput{in.Channels, in.Height, in.Width, in.Min, in.Max}}
	for i := range g.Nodes[1:] {
		n := &g.Nodes[i+1]
		l := importLayer{
			Name: n.Name, Type: string(n.Kind), Shape: [3]int{n.Out.Channels, n.Out.Height, n.Out.Width},
			Parameters: n.WeightsLen(), MACs: n.DenseMACs(),
		}
		if n.Kind.Weighted() && !n.NoBias {
			l.Parameters += n.Out.Channels
		}
		r.Parameters += l.Parameters
		r.MACs += l.MACs
		r.Layers = append(r.Layers, l)
	}
	return r, nil
}

// String writes the layers as a table.
func (r *importResult) String() string {
	rows := [][]string{{"layer", "type", "shape", "parameters", "multiply-adds"}, {
		topology.InputName, fmt.Sprintf("%d to %d", r.Input.Min, r.Input.Max), sizes([3]int{r.Input.Channels, r.Input.Height, r.Input.Width}), "", "",
	}}
	for _, l := range r.Layers {
		row := []string{l.Name, l.Type, sizes(l.Shape), "", ""}
		if l.MACs > 0 {
			row[3], row[4] = grouped(l.Parameters), grouped(l.MACs)
		}
		rows = append(rows, row)
	}
	rows = append(rows, []string{"all", "", "", grouped(r.Parameters), grouped(r.MACs)})
	var b strings.Builder
	b.WriteString(columns(rows))
	if r.ChannelsLast {
		b.WriteString("\n  frames  have their channels last in the file; here they are given as [step][channel][row][column]\n")
	}
	if a := r.Agreement; a != nil {
		fmt.Fprintf(&b, "\n  agrees  the same label in %d of %s of the calibration, outputs apart by %s (root mean square)\n", a.Labels, plural(a.Frames, "frame"), percent(a.Error))
	}
	if r.Out != "" {
		fmt.Fprintf(&b, "  saved   %s, %s\n", r.Out, plural(r.Bytes, "byte"))
	}
	return b.String()
}

// sizes writes a shape: what is flat has only its neurons.
func sizes(s [3]int) string {
	if s[1] == 1 && s[2] == 1 {
		return fmt.Sprint(s[0])
	}
	return fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2])
}

// compareWithPlain runs the integer network beside the one that was read: for an ONNX file
// without delta activations, as it was exported.
func compareWithPlain(e *env, n *imported, p quantise.Params, network *delta.Network, frames *frameFile, done func()) (*agreementJSON, error) {
	plain := n.plain
	if plain == nil {
		var err error
		if plain, err = quantise.NewReference(n.topology, p); err != nil {
			return nil, err
		}
	}
	target, err := hw.Find(hw.Auto)
	if err != nil {
		return nil, err
	}
	engine, err := delta.NewEngine(network, target)
	if err != nil {
		return nil, err
	}
	a := &agreementJSON{Frames: frames.steps()}
	var apart, all float64
	var real []float64
	err = frames.each(func(_ int, frame []int32) error {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		got, err := engine.Step(frame)
		if err != nil {
			return err
		}
		want, err := plain.Step(frame)
		if err != nil {
			return err
		}
		real = network.Real(real[:0], got)
		for i, v := range real {
			apart += (v - want[i]) * (v - want[i])
			all += want[i] * want[i]
		}
		if largest(real) == largest(want) {
			a.Labels++
		}
		done()
		return nil
	})
	if err != nil {
		return nil, err
	}
	if all > 0 {
		a.Error = math.Sqrt(apart / all)
	}
	return a, nil
}

// largest is the index of the largest value, the first where there are several.
func largest(values []float64) int {
	at := 0
	for i, v := range values {
		if v > values[at] {
			at = i
		}
	}
	return at
}
