package report

import (
	"fmt"
	"html/template"
	"image"
	"strings"
)

// sumsTold names what a layer's sums are pictures of, and nothing where it has none.
func sumsTold(l Layer) string {
	if !hasSums(l) {
		return ""
	}
	if len(l.Surfaces) == 1 {
		return "on surface " + cut(l.Surfaces[0], 20)
	}
	names := make([]string, len(l.Surfaces))
	for i, s := range l.Surfaces {
		names[i] = cut(s, 20)
	}
	last := len(names) - 1
	return "from the left " + strings.Join(names[:last], ", ") + " and " + names[last]
}

func hasSums(l Layer) bool {
	for _, b := range l.Banks {
		if len(b.Sums) > 0 {
			return true
		}
	}
	return false
}

// drawSum makes the picture of what a feature of features looks like on the sensor: a
// patch a surface, side by side, on a scale of its own.
func drawSum(l Layer, b Bank, neuron int, colours colours) *image.Paletted {
	return drawPatches(b.Sums[neuron], l.SumSide, len(l.Surfaces), len(l.Surfaces), spanOf(b.Sums[neuron]), colours)
}

// portrait is the picture that shows a feature at a glance: of a feature of features
// its sum, of others the weights.
func portrait(l Layer, b Bank, neuron int, colours colours) (template.URL, error) {
	if len(b.Sums) > 0 {
		return dataURI(drawSum(l, b, neuron, colours))
	}
	return dataURI(drawTile(b.Weights[neuron], 2*l.Radius+1, max(l.Planes, 1), spanOf(b.Weights[neuron]), colours))
}

func sumHint(b Bank, neuron int) string {
	return fmt.Sprintf("%s, neuron %d: the features it is made of, summed", b.Name, neuron)
}
