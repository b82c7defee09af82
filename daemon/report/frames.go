package report

import (
	"cmp"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"math/bits"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

type recordingsView struct {
	Empty   string
	Omitted int
	Strips  []stripView
	On, Off template.CSS // colours of the legend
}

type stripView struct {
	Title   string
	Verdict string // "recognised", "taken for 5", or nothing
	Class   string
	Facts   string
	File    string
	Empty   string
	Width   int  // of a frame, in pixels
	Large   bool // frames of a sensor that was binned: they need room on the page
	Frames  []frameView
}

type frameView struct {
	Picture template.URL
	When    string
	Hint    string
}

const (
	frameSide    = 102 // pixels that a small sensor's frame comes near to
	frameLargest = 240 // pixels of the longest side; larger sensors are binned
)

// drawRecordings makes a strip of frames of every recording.
func drawRecordings(recordings []Recording, faces typefaces) (recordingsView, []file, error) {
	v := recordingsView{On: css(colourOn), Off: css(colourOff)}
	if len(recordings) == 0 {
		v.Empty = "Nothing to show: the run has no recordings to draw."
	}
	if len(recordings) > maxStrips {
		v.Omitted, recordings = len(recordings)-maxStrips, recordings[:maxStrips]
	}
	var files []file
	room := maxStripBytes
	for i, r := range recordings {
		strip, pictures, err := drawStrip(r)
		if err != nil {
			return v, nil, err
		}
		if room -= strip.bytes(); room < 0 && i > 0 {
			v.Omitted += len(recordings) - i
			break
		}
		if len(pictures) > 0 {
			strip.File = fmt.Sprintf("recording-%02d.png", i+1)
			data, err := encodePNG(stripSheet(strip, pictures, faces))
			if err != nil {
				return v, nil, err
			}
			files = append(files, file{strip.File, data})
		}
		v.Strips = append(v.Strips, strip)
	}
	return v, files, nil
}

// bytes is what a strip's pictures take of the page.
func (v stripView) bytes() int {
	n := 0
	for _, f := range v.Frames {
		n += len(f.Picture)
	}
	return n
}

func drawStrip(r Recording) (stripView, []*image.NRGBA, error) {
	v := stripView{Title: "Recording"}
	if r.Label != "" {
		v.Title = "Label " + r.Label
	} else if r.Name != "" {
		v.Title = r.Name
	}
	v.Verdict, v.Class = verdict(r.Label, r.Predicted)

	g := r.Geometry
	if !g.Known() {
		g = smallest(r.Events)
	}
	bins := binEvents(r, g)
	var facts []string
	if r.Name != "" && v.Title != r.Name {
		facts = append(facts, r.Name)
	}
	facts = append(facts, plural(int64(len(r.Events)), "event"))
	if g.Known() {
		facts = append(facts, fmt.Sprintf("%d×%d pixels", g.Width, g.Height))
	}
	if bins.outside > 0 {
		facts = append(facts, plural(int64(bins.outside), "event")+" outside the sensor left out")
	}
	if bins.block > 1 {
		facts = append(facts, fmt.Sprintf("%d×%d pixels drawn as one", bins.block, bins.block))
	}
	if len(bins.frames) == 0 {
		v.Facts, v.Empty = strings.Join(facts, ", "), "Nothing to show: the recording has no events."
		if bins.outside > 0 {
			v.Empty = "Nothing to show: no event lies on the sensor."
		}
		return v, nil, nil
	}
	v.Facts = strings.Join(append(facts, seconds(float64(bins.span)*1e-6)), ", ")
	pictures := make([]*image.NRGBA, len(bins.frames))
	for i, f := range bins.frames {
		pictures[i] = f.draw(bins)
		uri, err := dataURI(pictures[i])
		if err != nil {
			return v, nil, err
		}
		from, to := bins.edge(i), bins.edge(i+1)
		v.Frames = append(v.Frames, frameView{
			Picture: uri,
			When:    interval(from, to),
			Hint:    fmt.Sprintf("%s: %s ON, %s OFF", interval(from, to), count(int64(f.sumOn)), count(int64(f.sumOff))),
		})
	}
	v.Width, v.Large = pictures[0].Rect.Dx(), pictures[0].Rect.Dx() > frameSide*5/4
	return v, pictures, nil
}

// smallest gives the smallest sensor that holds the events, no larger than the
// largest that saccade accepts.
func smallest(evs []events.Event) events.Geometry {
	var g events.Geometry
	for _, e := range evs {
		g.Width, g.Height = max(g.Width, int(e.X)+1), max(g.Height, int(e.Y)+1)
	}
	return events.Geometry{Width: min(g.Width, events.MaxSide), Height: min(g.Height, events.MaxSide)}
}

// binned is a recording's events counted in equal intervals of time and, on large
// sensors, in square blocks of pixels.
type binned struct {
	frames        []frame
	width, height int // in blocks
	block         int // pixels a side
	span          uint64
	saturation    int // events of one pixel in one frame that few have more of
	outside       int
}

type frame struct {
	on, off       []int32
	sumOn, sumOff int
}

// binEvents counts a recording's events. Times may stand in any order and be any
// number: intervals are found in 128 bits.
func binEvents(r Recording, g events.Geometry) binned {
	b := binned{block: max(1, (max(g.Width, g.Height)+frameLargest-1)/frameLargest)}
	var first, last int64
	inside := 0
	for _, e := range r.Events {
		if !g.Contains(e.X, e.Y) {
			b.outside++
			continue
		}
		if inside == 0 {
			first, last = e.T, e.T
		}
		first, last = min(first, e.T), max(last, e.T)
		inside++
	}
	if inside == 0 {
		return b
	}
	b.span = uint64(last) - uint64(first)
	b.width, b.height = (g.Width+b.block-1)/b.block, (g.Height+b.block-1)/b.block
	b.frames = make([]frame, cmp.Or(r.Frames, DefaultFrames))
	if b.span == 0 {
		b.frames = b.frames[:1] // there is no time to divide
	}
	for i := range b.frames {
		b.frames[i] = frame{on: make([]int32, b.width*b.height), off: make([]int32, b.width*b.height)}
	}
	for _, e := range r.Events {
		if !g.Contains(e.X, e.Y) {
			continue
		}
		f := &b.frames[b.index(uint64(e.T)-uint64(first))]
		at := int(e.Y)/b.block*b.width + int(e.X)/b.block
		if e.P == events.Off {
			f.off[at]++
			f.sumOff++
		} else {
			f.on[at]++
			f.sumOn++
		}
	}
	b.saturation = saturation(b.frames)
	return b
}

// index gives the frame of a time since the first event; the last event belongs
// to the last frame.
func (b binned) index(t uint64) int {
	if b.span == 0 {
		return 0
	}
	high, low := bits.Mul64(t, uint64(len(b.frames)))
	if high >= b.span {
		return len(b.frames) - 1
	}
	q, _ := bits.Div64(high, low, b.span)
	return min(int(q), len(b.frames)-1)
}

// edge gives the beginning of a frame in microseconds after the first event.
func (b binned) edge(i int) float64 {
	return float64(b.span) * float64(i) / float64(len(b.frames))
}

// saturation gives the count that one pixel in a hundred of those that fired
// exceeds, so that a hot pixel does not pale the rest.
func saturation(frames []frame) int {
	var counts []int32
	for _, f := range frames {
		for i := range f.on {
			if n := f.on[i] + f.off[i]; n > 0 {
				counts = append(counts, n)
			}
		}
	}
	slices.Sort(counts)
	return int(counts[(len(counts)-1)*99/100])
}

// draw makes a picture that is transparent where nothing fired.
func (f frame) draw(b binned) *image.NRGBA {
	scale := scaleTo(frameSide, max(b.width, b.height))
	p := image.NewNRGBA(image.Rect(0, 0, b.width*scale, b.height*scale))
	for i := range f.on {
		c := eventColour(int(f.on[i]), int(f.off[i]), b.saturation)
		if c.A == 0 {
			continue
		}
		for y := i / b.width * scale; y < (i/b.width+1)*scale; y++ {
			for x := i % b.width * scale; x < (i%b.width+1)*scale; x++ {
				p.SetNRGBA(x, y, c)
			}
		}
	}
	return p
}

// interval writes a frame's time, in microseconds, in the unit that suits its end.
func interval(from, to float64) string {
	if from == to {
		return "at once"
	}
	unit, size := "µs", 1.0
	switch {
	case to >= 1e7:
		unit, size = "s", 1e6
	case to >= 1e3:
		unit, size = "ms", 1e3
	}
	return digits3(from/size) + "–" + digits3(to/size) + nbsp + unit
}

// stripSheet lays the frames out in a row with their times below.
func stripSheet(v stripView, pictures []*image.NRGBA, faces typefaces) image.Image {
	const margin, gap, line, head, narrowest = 20, 8, 17, 64, 420
	w, h := pictures[0].Rect.Dx(), pictures[0].Rect.Dy()
	pitch := max(w, 84) + gap
	width := max(2*margin+len(pictures)*pitch-gap, narrowest)
	s := newSheet(width, head+h+line+margin, faces)

	title := v.Title
	if v.Verdict != "" {
		title += ", " + v.Verdict
	}
	s.text(faces.title, sheetInk, margin, margin+12, width-2*margin-130, false, title)
	s.text(faces.text, sheetGrey, margin, margin+32, width-2*margin, false, v.Facts)
	for i, key := range []struct {
		name string
		c    color.NRGBA
	}{{"ON", colourOn}, {"OFF", colourOff}} {
		x := width - margin - 110 + i*58
		s.fill(x, margin+1, 11, 11, key.c)
		s.text(faces.text, sheetGrey, x+16, margin+12, 40, false, key.name)
	}
	for i, p := range pictures {
		x := margin + i*pitch + (pitch-gap-w)/2
		s.fill(x, head, w, h, sheetFrame)
		s.put(x, head, p)
		s.text(faces.text, sheetGrey, x+w/2, head+h+line, pitch, true, v.Frames[i].When)
	}
	return s.NRGBA
}

func css(c color.NRGBA) template.CSS {
	return template.CSS(fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B))
}
