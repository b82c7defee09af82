package topology

import (
	"fmt"
	"strings"
)

// String writes the topology as a file, with all defaults filled in, that [Parse]
// reads as the same network.
func (t *Topology) String() string {
	var b strings.Builder
	if t.Name != "" {
		fmt.Fprintf(&b, "name: %s\n", quoted(t.Name))
	}
	in := t.Input
	fmt.Fprintf(&b, "input: {channels: %d, height: %d, width: %d, min: %d, max: %d}\n", in.Channels, in.Height, in.Width, in.Min, in.Max)
	b.WriteString("layers:\n")
	for _, l := range t.Layers {
		fmt.Fprintf(&b, "  - {%s}\n", strings.Join(l.complete().fields(), ", "))
	}
	return b.String()
}

// fields writes those that a layer of its type has.
func (l Layer) fields() []string {
	out := []string{"name: " + quoted(l.Name), "type: " + string(l.Kind)}
	if l.From != "" {
		out = append(out, "from: "+quoted(l.From))
	}
	for _, field := range fieldsOf[l.Kind] {
		if field == "k" && l.K == 0 || field == "share" && l.Share == 0 {
			continue // a topk has one of them
		}
		out = append(out, field+": "+l.value(field))
	}
	return out
}

// value writes a field.
func (l *Layer) value(field string) string {
	switch field {
	case "with":
		return quoted(l.With)
	case "out":
		return fmt.Sprint(l.Out)
	case "kernel":
		return fmt.Sprintf("[%d, %d]", l.Kernel[0], l.Kernel[1])
	case "stride":
		return fmt.Sprintf("[%d, %d]", l.Stride[0], l.Stride[1])
	case "padding":
		return fmt.Sprintf("[%d, %d, %d, %d]", l.Padding[0], l.Padding[1], l.Padding[2], l.Padding[3])
	case "groups":
		return fmt.Sprint(l.Groups)
	case "bias":
		return fmt.Sprint(!l.NoBias)
	case "weights":
		return string(l.Weights)
	case "step":
		return string(l.Step)
	case "levels":
		return fmt.Sprint(l.Levels)
	case "threshold":
		return fmt.Sprint(l.Threshold)
	case "k":
		return fmt.Sprint(l.K)
	default:
		return number(l.Share)
	}
}

// quoted writes a name: what YAML would take for something else than a text is quoted,
// and so is every name, as that is the easier rule.
func quoted(name string) string { return `"` + name + `"` }
