package command

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

type importCmd struct {
	Net       string    `arg:"" name:"net" help:"Network of others: an ONNX file, or a numpy archive (.npz) of its weights."`
	Topology  string    `help:"The topology of an archive's network, a YAML file." placeholder:"FILE"`
	Calibrate string    `help:"Frames that steps are found with, an .npy file or an archive of one: levels by [step][channel][row][column]." placeholder:"FRAMES"`
	Out       string    `short:"o" help:"File of the integer network. Without it, only the layers are shown." placeholder:"NET.delta"`
	JSON      bool      `name:"json" help:"Print one JSON object."`
	ONNX      onnxFlags `embed:""`
}

// imported is a network of real numbers, and the same as it was exported.
type imported struct {
	topology *topology.Topology
	params   quantise.Params
	opset    int
	last     bool                // its frames have their channels last
	plain    *quantise.Reference // nil where there is no other
}

func (c *importCmd) Run(e *env) error {
	archive, err := isArchive(c.Net, onnx.MaxFileBytes)
	if err != nil {
		return err
	}
	var n *imported
	if archive {
		n, err = c.archive(e.given)
	} else {
		n, err = c.file(e.given)
	}
	if err != nil {
		return err
	}
	// What is only listed is not made, which would find out.
	if err := n.params.ValidateUncalibrated(n.topology); err != nil {
		return fmt.Errorf("%s: %w", c.Net, err)
	}
	r, err := importedLayers(n.topology)
	if err != nil {
		return err
	}
	r.File, r.Opset, r.ChannelsLast = c.Net, n.opset, n.last
	if c.Out == "" {
		if c.Calibrate != "" {
			return usageError{errors.New("--calibrate: expected -o with it")}
		}
	} else if err := c.write(e, n, r); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	return printf(e.stdout, "%s", r)
}

// file reads an ONNX file.
func (c *importCmd) file(g given) (*imported, error) {
	if err := g.unused("a numpy archive with it", "topology"); err != nil {
		return nil, err
	}
	o, err := c.ONNX.options(g, c.Out != "")
	if err != nil {
		return nil, err
	}
	n, err := onnx.Load(c.Net, o)
	if err != nil {
		return nil, err
	}
	out := &imported{topology: n.Topology, params: n.Params, opset: n.Opset, last: n.ChannelsLast}
	if c.Out == "" {
		return out, nil
	}
	o.Deltas = onnx.Nowhere
	plain, err := onnx.Load(c.Net, o)
	if err == nil {
		out.plain, err = quantise.NewReference(plain.Topology, plain.Params)
	}
	return out, err
}

// archive reads a numpy archive and its topology.
func (c *importCmd) archive(g given) (*imported, error) {
	if c.Topology == "" {
		return nil, usageError{errors.New("expected --topology=FILE: a numpy archive has weights alone")}
	}
	if err := g.unused("an ONNX file with it: the topology says it", c.ONNX.names()...); err != nil {
		return nil, err
	}
	t, err := topology.Load(c.Topology)
	if err != nil {
		return nil, err
	}
	arrays, err := npz.Load(c.Net)
	if err != nil {
		return nil, err
	}
	p, err := quantise.Read(t, arrays)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Net, err)
	}
	return &imported{topology: t, params: p}, nil
}

// write finds steps, makes the integer network, compares it and writes it.
func (c *importCmd) write(e *env, n *imported, r *importResult) error {
	if err := writable(c.Out); err != nil {
		return err
	}
	var frames *frameFile
	var err error
	switch missing := withoutSteps(n); {
	case c.Calibrate != "":
		if frames, err = loadFrames(c.Calibrate, n.topology.Input); err != nil {
			return err
		}
	case missing != "":
		return usageError{fmt.Errorf("expected --calibrate=FRAMES: layer %s has no steps, and frames tell how large its values are", missing)}
	}
	network, err := c.quantise(e, n, frames, r)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Net, err)
	}
	if err := network.Save(c.Out); err != nil {
		return err
	}
	st, err := os.Stat(c.Out)
	if err != nil {
		return err
	}
	r.Out, r.Bytes = c.Out, st.Size()
	return nil
}

// quantise makes the integer network, with steps from frames where there are any, and
// compares the two on these.
func (c *importCmd) quantise(e *env, n *imported, frames *frameFile, r *importResult) (*delta.Network, error) {
	if frames == nil {
		network, _, err := quantise.Quantise(n.topology, n.params)
		return network, err
	}
	bars := e.bars()
	defer bars.Close()
	stage := bars.Stage("calibrating")
	defer stage.End()
	done := stage.Steps(2 * frames.steps())
	var broken error
	p, err := quantise.Calibrate(e.ctx, n.topology, n.params, func(yield func([]int32) bool) {
		frames.all(&broken)(func(frame []int32) bool {
			done()
			return yield(frame)
		})
	})
	if err := firstOf(broken, err); err != nil {
		return nil, err
	}
	network, _, err := quantise.Quantise(n.topology, p)
	if err == nil {
		r.Agreement, err = compareWithPlain(e, n, p, network, frames, done)
	}
	return network, err
}

// withoutSteps names the first layer whose steps are missing, "" where all are there.
func withoutSteps(n *imported) string {
	i := slices.IndexFunc(n.topology.Layers, func(l topology.Layer) bool {
		return l.Kind.Quantises() && n.params.Layers[l.Name].Steps == nil
	})
	if i < 0 {
		return ""
	}
	return n.topology.Layers[i].Name
}
