package airplanes

import (
	"image"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"

	"github.com/saccade-dev/saccade/events"
)

// scene is a [sensor.Scene]: a silhouette before a background.
type scene struct {
	flight   *Flight
	geometry events.Geometry
	texture  *texture
	moves    bool // the background can be seen moving

	ground []float32 // the background as it is now
	shown  bool
	dx, dy float64         // what it has moved by
	old    image.Rectangle // of the field: where the silhouette was drawn last

	corners []point
	raster  *vector.Rasterizer
	mask    *image.Alpha
	rows    []float32 // memory of texture.show
	cols    []int
}

func newScene(f *Flight, c Config, rng *rand.Rand) *scene {
	n := c.Geometry.Width * c.Geometry.Height
	// A silhouette's rectangle has sides of twice its reach at the most, and a pixel cut
	// off at either end.
	side := int(math.Ceil(2*reach*f.Size)) + 3
	s := &scene{
		flight: f, geometry: c.Geometry,
		texture: newTexture(c, rng),
		moves:   c.Texture > 0 && c.Ground > 0 && (c.Drift > 0 || c.Shake > 0 && c.ShakeRate > 0),
		ground:  make([]float32, n),
		raster:  vector.NewRasterizer(side, side),
		mask:    image.NewAlpha(image.Rect(0, 0, side, side)),
		rows:    make([]float32, n+c.Geometry.Width),
		cols:    make([]int, c.Geometry.Width+1),
	}
	s.raster.DrawOp = draw.Src
	return s
}

func (s *scene) Geometry() events.Geometry { return s.geometry }

// Luminance draws the background where it has changed, and the silhouette on it.
func (s *scene) Luminance(t int64, frame []float32) error {
	dx, dy := s.flight.camera.ground(t)
	if !s.shown || s.moves && (dx != s.dx || dy != s.dy) {
		s.texture.show(dx, dy, s.ground, s.rows, s.cols)
		copy(frame, s.ground)
		s.shown, s.dx, s.dy = true, dx, dy
	} else {
		for y := s.old.Min.Y; y < s.old.Max.Y; y++ {
			from, to := y*s.geometry.Width+s.old.Min.X, y*s.geometry.Width+s.old.Max.X
			copy(frame[from:to], s.ground[from:to])
		}
	}
	s.old = s.silhouette(t, frame)
	return nil
}

// silhouette draws the aeroplane, its edges shared with the background by how much of a
// pixel they cover, and tells where on the field.
func (s *scene) silhouette(t int64, frame []float32) image.Rectangle {
	s.corners = s.flight.outline(t, s.corners)
	b := bounds(s.corners)
	left, top := math.Floor(b.Left), math.Floor(b.Top)
	box := image.Rect(int(left), int(top), int(math.Ceil(b.Right)), int(math.Ceil(b.Bottom)))
	seen := box.Intersect(image.Rect(0, 0, s.geometry.Width, s.geometry.Height))
	if seen.Empty() {
		return image.Rectangle{}
	}
	// The rasteriser works in integers at sizes up to 512 and is handed straight lines
	// only, so that a mask is the same on every machine.
	s.raster.Reset(box.Dx(), box.Dy())
	s.raster.DrawOp = draw.Src
	for i, p := range s.corners {
		x, y := float32(p.x-left), float32(p.y-top)
		if i == 0 {
			s.raster.MoveTo(x, y)
		} else {
			s.raster.LineTo(x, y)
		}
	}
	s.raster.ClosePath()
	s.raster.Draw(s.mask, image.Rect(0, 0, box.Dx(), box.Dy()), image.Opaque, image.Point{})
	shade := float32(s.flight.Shade)
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		cover := s.mask.Pix[(y-box.Min.Y)*s.mask.Stride+seen.Min.X-box.Min.X:][:seen.Dx()]
		dst := frame[y*s.geometry.Width+seen.Min.X:][:seen.Dx()]
		for i, a := range cover {
			dst[i] += float32(float32(a) / 255 * (shade - dst[i]))
		}
	}
	return seen
}
