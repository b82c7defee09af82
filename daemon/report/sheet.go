package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// typefaces are the fonts of captions in PNG files.
type typefaces struct{ text, title font.Face }

func loadTypefaces() (typefaces, error) {
	var t typefaces
	for _, f := range []struct {
		ttf  []byte
		size float64
		to   *font.Face
	}{{goregular.TTF, 13, &t.text}, {gobold.TTF, 15, &t.title}} {
		parsed, err := opentype.Parse(f.ttf)
		if err != nil {
			return t, fmt.Errorf("report: font: %w", err)
		}
		face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: f.size, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			return t, fmt.Errorf("report: font: %w", err)
		}
		*f.to = face
	}
	return t, nil
}

// Colours of a sheet: it is read on paper and in any theme, so it brings its own
// background.
var (
	sheetPaper = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	sheetInk   = color.NRGBA{0x17, 0x19, 0x1c, 0xff}
	sheetGrey  = color.NRGBA{0x60, 0x64, 0x6a, 0xff}
	sheetFrame = color.NRGBA{0xf4, 0xf3, 0xf0, 0xff} // behind a picture that has holes
)

// sheet is a picture of pictures with captions, for a PNG file.
type sheet struct {
	*image.NRGBA
	faces typefaces
}

func newSheet(width, height int, faces typefaces) sheet {
	s := sheet{image.NewNRGBA(image.Rect(0, 0, width, height)), faces}
	draw.Draw(s, s.Bounds(), image.NewUniform(sheetPaper), image.Point{}, draw.Src)
	return s
}

// put lays a picture over the sheet.
func (s sheet) put(x, y int, picture image.Image) {
	b := picture.Bounds()
	draw.Draw(s, image.Rect(x, y, x+b.Dx(), y+b.Dy()), picture, b.Min, draw.Over)
}

// fill paints a rectangle.
func (s sheet) fill(x, y, width, height int, c color.Color) {
	draw.Draw(s, image.Rect(x, y, x+width, y+height), image.NewUniform(c), image.Point{}, draw.Src)
}

// text writes a line with its baseline at y, from x or about it, no wider than
// most pixels.
func (s sheet) text(face font.Face, c color.Color, x, y, most int, centred bool, line string) {
	line = fit(face, line, most)
	if centred {
		x -= font.MeasureString(face, line).Round() / 2
	}
	d := font.Drawer{Dst: s, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(line)
}

// fit cuts a line until it is no wider than most pixels.
func fit(face font.Face, line string, most int) string {
	runes := []rune(line)
	for n := len(runes); n > 0 && font.MeasureString(face, line).Ceil() > most; n-- {
		line = string(runes[:n-1]) + "…"
	}
	return line
}

// enlarge repeats every pixel of a picture scale times in both directions.
func enlarge(cells *image.Paletted, scale int) *image.Paletted {
	b := cells.Bounds()
	out := image.NewPaletted(image.Rect(0, 0, b.Dx()*scale, b.Dy()*scale), cells.Palette)
	for y := range out.Rect.Dy() {
		row := out.Pix[y*out.Stride:]
		from := cells.Pix[y/scale*cells.Stride:]
		for x := range out.Rect.Dx() {
			row[x] = from[x/scale]
		}
	}
	return out
}

// scaleTo gives how often to repeat a pixel so that a side comes near a length.
func scaleTo(length, side int) int { return max(1, (length+side/2)/side) }

func encodePNG(picture image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b.Bytes(), nil
}

// dataURI gives a picture as an address that holds it.
func dataURI(picture image.Image) (template.URL, error) {
	if p, ok := picture.(*image.Paletted); ok {
		picture = compacted(p)
	}
	b, err := encodePNG(picture)
	if err != nil {
		return "", err
	}
	// Safe for a template: base64 has no character that ends an attribute.
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b)), nil
}

// compacted gives a picture with the colours that it uses and no others: of a small
// picture the palette is the larger part.
func compacted(p *image.Paletted) *image.Paletted {
	var used [256]bool
	for _, i := range p.Pix {
		used[i] = true
	}
	var index [256]uint8
	out := &image.Paletted{Pix: make([]uint8, len(p.Pix)), Stride: p.Stride, Rect: p.Rect}
	for i, c := range p.Palette {
		if used[i] {
			index[i] = uint8(len(out.Palette))
			out.Palette = append(out.Palette, c)
		}
	}
	for i, at := range p.Pix {
		out.Pix[i] = index[at]
	}
	return out
}
