package window

// Reach is an output along an axis that an input position takes part in, and the
// element of the kernel that it meets there.
type Reach struct{ Out, Tap int32 }

// Axis is one side of a window's way over an image.
type Axis struct {
	Kernel, Stride, Before int
	Out                    int // positions of the window
	reach                  []Reach
	first                  []int32 // of each input position in reach, and one more for the end
}

// Window slides over images of one size.
type Window struct{ Y, X Axis }

// New makes the window for an image of height and width, with a kernel and strides of
// such, and padding at the top, left, bottom and right. All are within the bounds that
// topologies have.
func New(size, kernel, stride [2]int, padding [4]int) Window {
	return Window{
		Y: newAxis(size[0], kernel[0], stride[0], padding[0], padding[2]),
		X: newAxis(size[1], kernel[1], stride[1], padding[1], padding[3]),
	}
}

func newAxis(size, kernel, stride, before, after int) Axis {
	a := Axis{Kernel: kernel, Stride: stride, Before: before, Out: (size+before+after-kernel)/stride + 1}
	a.first = make([]int32, 1, size+1)
	for i := range size {
		at := i + before
		// The windows from out*stride to out*stride+kernel-1 hold the position.
		low := max(0, (at-kernel+stride)/stride)
		for out := low; out <= min(at/stride, a.Out-1); out++ {
			a.reach = append(a.reach, Reach{Out: int32(out), Tap: int32(at - out*stride)})
		}
		a.first = append(a.first, int32(len(a.reach)))
	}
	return a
}

// Of lists what an input position reaches, by rising output.
func (a *Axis) Of(position int) []Reach { return a.reach[a.first[position]:a.first[position+1]] }

// From is the range of input positions that the window at an output covers, of an input
// of that size: to is the first behind it.
func (a *Axis) From(out, size int) (from, to int) {
	at := out*a.Stride - a.Before
	return max(at, 0), min(at+a.Kernel, size)
}

// Pairs is how many pairs of an input pixel and an output pixel meet.
func (w *Window) Pairs() int64 { return int64(len(w.Y.reach)) * int64(len(w.X.reach)) }
