package simulate

import (
	"bytes"
	"fmt"
	"os"

	"github.com/saccade-dev/saccade/sim/airplanes"
)

const (
	// boxesName is the file of a half's boxes. Its ending is that of no recording.
	boxesName = "boxes.tsv"
	// boxEvery is the time from row to row in us.
	boxEvery = 5000
)

// boxes is the ground truth of a half, a row for every five milliseconds that any of an
// aeroplane is to be seen: the recording's file below the half, the class, the time in us
// from the beginning of the recording, and the box around the aeroplane in pixels. The
// pixel in column x is as wide as from x to x+1.
type boxes struct {
	crop crop
	text bytes.Buffer
}

func newBoxes(c crop) *boxes {
	b := &boxes{crop: c}
	b.text.WriteString("file\tclass\tt_us\tleft\ttop\tright\tbottom\n")
	return b
}

// add writes a recording's rows.
func (b *boxes) add(name string, f *airplanes.Flight) {
	left, top := float64(b.crop.left), float64(b.crop.top)
	width, height := float64(b.crop.geometry.Width), float64(b.crop.geometry.Height)
	for t := int64(0); t <= f.Duration.Microseconds(); t += boxEvery {
		box, seen := f.Box(t)
		box.Left, box.Right = max(box.Left-left, 0), min(box.Right-left, width)
		box.Top, box.Bottom = max(box.Top-top, 0), min(box.Bottom-top, height)
		if seen && box.Left < box.Right && box.Top < box.Bottom {
			fmt.Fprintf(&b.text, "%s\t%v\t%d\t%.2f\t%.2f\t%.2f\t%.2f\n", name, f.Class, t, box.Left, box.Top, box.Right, box.Bottom)
		}
	}
}

func (b *boxes) write(path string) error {
	return writeFile(path, func(out *os.File) error {
		_, err := out.Write(b.text.Bytes())
		return err
	})
}
