package hil

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"
	"strings"
)

// A chart's size in pixels, and where in it the bars are.
const (
	chartWidth, chartHeight = 720.0, 260.0
	chartLeft, chartRight   = 64.0, chartWidth - 30
	chartTop, chartBottom   = 34.0, chartHeight - 42
	mostBars                = 72
)

// mark is a number that a chart points at.
type mark struct {
	name  string
	value float64
}

// latencyChart draws a distribution on a logarithmic axis.
func latencyChart(d *Distribution, title string, text func(v float64) string) template.HTML {
	low, high := max(float64(d.Min), 1), max(float64(d.Max), 1)
	from, to := math.Log(low)-0.02, math.Log(high)+0.02
	x := func(v float64) float64 {
		return chartLeft + (chartRight-chartLeft)*(math.Log(max(v, 1))-from)/(to-from)
	}
	var bars [mostBars]uint64
	for _, c := range d.Classes {
		middle := (float64(c.Low) + float64(c.High)) / 2
		i := int(mostBars * (math.Log(max(middle, 1)) - from) / (to - from))
		bars[min(max(i, 0), mostBars-1)] += c.Count
	}
	s := newChart(title, "events", float64(slices.Max(bars[:])))
	step := (chartRight - chartLeft) / mostBars
	for i, n := range bars {
		if n > 0 {
			begin, end := math.Exp(from+(to-from)*float64(i)/mostBars), math.Exp(from+(to-from)*float64(i+1)/mostBars)
			s.bar(chartLeft+float64(i)*step, step, float64(n), fmt.Sprintf("%s to %s: %d events", text(begin), text(end), n))
		}
	}
	for _, v := range logTicks(low, high) {
		s.tick(x(v), text(v))
	}
	for i, m := range []mark{{"p50", float64(d.P50)}, {"p99", float64(d.P99)}} {
		s.point(x(m.value), i, m.name+" "+text(m.value))
	}
	return s.end()
}

// logTicks are round numbers for a logarithmic axis: more of them where it is short.
func logTicks(low, high float64) (out []float64) {
	of := []float64{1}
	switch decades := math.Log10(high / low); {
	case decades < 0.5:
		of = []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9}
	case decades < 3.5:
		of = []float64{1, 2, 5}
	}
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for _, f := range of {
			if v := f * math.Pow(10, e); v >= low && v <= high {
				out = append(out, v)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, low)
	}
	return out
}

// timeChart draws mismatches over the stream.
func timeChart(m *Map) template.HTML {
	s := newChart("Mismatches over the stream", fmt.Sprintf("mismatches in %d events", m.BinEvents), float64(max(slices.Max(m.Bins), 1)))
	step := (chartRight - chartLeft) / float64(len(m.Bins))
	for i, n := range m.Bins {
		if n > 0 {
			s.bar(chartLeft+float64(i)*step, step, float64(n), fmt.Sprintf("events from %d on: %d mismatches", int64(i)*m.BinEvents, n))
		}
	}
	for i := range 5 {
		share := float64(i) / 4
		s.tick(chartLeft+share*(chartRight-chartLeft), fmt.Sprintf("%.0f", share*float64(int64(len(m.Bins))*m.BinEvents)))
	}
	return s.end()
}

// canvas is an SVG under way; all texts in it are ours or escaped.
type canvas struct {
	strings.Builder
	most float64
}

func newChart(title, unit string, most float64) *canvas {
	s := &canvas{most: most}
	s.add(`<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, chartWidth, chartHeight, template.HTMLEscapeString(title))
	for i := range 5 {
		v := most * float64(i) / 4
		y := s.y(v)
		s.add(`<line class="grid" x1="%g" y1="%.1f" x2="%g" y2="%.1f"/>`, chartLeft, y, chartRight, y)
		if v == math.Trunc(v) || most >= 8 {
			s.add(`<text class="axis" text-anchor="end" x="%g" y="%.1f">%.0f</text>`, chartLeft-6, y+4, v)
		}
	}
	s.add(`<text class="axis" x="%g" y="%g">%s</text>`, 4.0, chartTop-16, template.HTMLEscapeString(unit))
	return s
}

func (s *canvas) add(format string, args ...any) { _, _ = fmt.Fprintf(s, format, args...) }

func (s *canvas) y(v float64) float64 { return chartBottom - (chartBottom-chartTop)*v/s.most }

func (s *canvas) bar(x, width, v float64, says string) {
	y := min(s.y(v), chartBottom-1)
	s.add(`<rect class="bar" x="%.2f" y="%.2f" width="%.2f" height="%.2f"><title>%s</title></rect>`,
		x+0.4, y, max(width-0.8, 0.5), chartBottom-y, template.HTMLEscapeString(says))
}

func (s *canvas) tick(x float64, text string) {
	s.add(`<line class="grid" x1="%.1f" y1="%g" x2="%.1f" y2="%g"/>`, x, chartBottom, x, chartBottom+5)
	s.add(`<text class="axis" text-anchor="middle" x="%.1f" y="%g">%s</text>`, x, chartBottom+18, template.HTMLEscapeString(text))
}

// point is a line at a value; several stand on lines of their own.
func (s *canvas) point(x float64, line int, text string) {
	y := 12 + 13*float64(line)
	anchor, shift := "start", 4.0
	if x > chartRight-120 {
		anchor, shift = "end", -4
	}
	s.add(`<line class="point" x1="%.1f" y1="%g" x2="%.1f" y2="%g"/>`, x, y-8, x, chartBottom)
	s.add(`<text class="label" text-anchor="%s" x="%.1f" y="%g">%s</text>`, anchor, x+shift, y, template.HTMLEscapeString(text))
}

func (s *canvas) end() template.HTML {
	s.add("</svg>")
	return template.HTML(s.String()) //nolint:gosec // made of numbers and escaped texts alone
}

// mapPicture draws the sensor, a pixel a pixel: the more mismatches, the redder.
func mapPicture(m *Map) (template.URL, error) {
	img := image.NewNRGBA(image.Rect(0, 0, m.Width, m.Height))
	draw.Draw(img, img.Rect, image.NewUniform(color.NRGBA{0x80, 0x80, 0x80, 0x22}), image.Point{}, draw.Src)
	most := int64(1)
	for _, p := range m.Pixels {
		most = max(most, p.Count)
	}
	for _, p := range m.Pixels {
		share := math.Sqrt(float64(p.Count) / float64(most)) // so that a single one is seen
		img.SetNRGBA(p.X, p.Y, color.NRGBA{uint8(255 - 60*share), uint8(190 - 180*share), uint8(60 - 40*share), 0xff})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return "", err
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil //nolint:gosec // it is a picture of ours
}
