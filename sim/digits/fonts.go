package digits

import (
	"fmt"
	"math/rand/v2"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
)

// faces are the Go fonts (Bigelow & Holmes, 2016) whose digits differ.
var faces = []struct {
	name string
	ttf  []byte
}{
	{"Go Regular", goregular.TTF},
	{"Go Italic", goitalic.TTF},
	{"Go Medium", gomedium.TTF},
	{"Go Medium Italic", gomediumitalic.TTF},
	{"Go Bold", gobold.TTF},
	{"Go Bold Italic", gobolditalic.TTF},
	{"Go Mono", gomono.TTF},
	{"Go Mono Italic", gomonoitalic.TTF},
	{"Go Mono Bold", gomonobold.TTF},
	{"Go Mono Bold Italic", gomonobolditalic.TTF},
}

// forms are the characters that are drawn for a digit, each as often as the others.
// The fonts' own zero has a stroke through it and their one a foot, as few hands
// write them: the letter O and a bar are nearer to what MNIST holds.
var forms = [Classes][]rune{
	{'O', 'o'}, {'1', '|'}, {'2'}, {'3'}, {'4'}, {'5'}, {'6'}, {'7'}, {'8'}, {'9'},
}

// PanicLabel is the panic of a source for a label that is no digit.
const PanicLabel = "digits: a label must be from 0 to 9"

// Fonts draws digits from fonts. It is immutable and may be used from any number
// of goroutines.
type Fonts struct {
	style    Style
	outlines [][Classes][]outline // by face, by label, a form
}

// NewFonts loads the digits of the Go fonts. Errors are those of the style.
func NewFonts(style Style) (*Fonts, error) {
	if err := style.Validate(); err != nil {
		return nil, err
	}
	f := &Fonts{style: style, outlines: make([][Classes][]outline, len(faces))}
	for i, face := range faces {
		parsed, err := opentype.Parse(face.ttf)
		if err != nil {
			return nil, fmt.Errorf("digits: %s: %w", face.name, err)
		}
		for label, runes := range forms {
			for _, r := range runes {
				o, err := loadOutline(parsed, r)
				if err != nil {
					return nil, fmt.Errorf("%w, in %s", err, face.name)
				}
				f.outlines[i][label] = append(f.outlines[i][label], o)
			}
		}
	}
	return f, nil
}

// Faces is the number of faces.
func (f *Fonts) Faces() int { return len(f.outlines) }

// Digit draws a digit in a face and with distortions that rng chooses; the error
// is always nil. It panics with PanicLabel for a label that is not from 0 to 9.
func (f *Fonts) Digit(label int, rng *rand.Rand) (Image, error) {
	return f.Draw(rng.IntN(len(f.outlines)), label, rng), nil
}

// Draw draws a digit in the given face, from 0 to Faces()-1.
func (f *Fonts) Draw(face, label int, rng *rand.Rand) Image {
	if label < 0 || label >= Classes {
		panic(PanicLabel)
	}
	of := f.outlines[face][label]
	o := &of[rng.IntN(len(of))]
	return render(f.style.distort(o, rng), f.style, rng)
}

// distort gives the outline's contours in pixels, in a box of 20x20 around the
// image's centre.
func (s Style) distort(o *outline, rng *rand.Rand) [][]point {
	w := newWarp(s.Elastic, rng)
	aspect := o.aspect * factor(s.Aspect, rng)
	slant := spread(s.Slant, rng)
	// A rotation from the tangent t of half its angle, in operations that are
	// exact everywhere, which the library's sine and cosine are not. Of a small
	// angle the tangent is nearly the angle: 60 degrees come out as 58.
	const radians = 3.14159265358979323846 / 180
	t := float64(spread(s.Rotation, rng)*radians) / 2
	t2 := float64(t * t)
	cos, sin := (1-t2)/(1+t2), 2*t/(1+t2)

	contours := make([][]point, len(o.contours))
	for i, c := range o.contours {
		contours[i] = make([]point, len(c))
		for j, p := range c {
			p = w.apply(p)
			x, y := float64((p.x-0.5)*aspect), p.y-0.5
			x -= float64(slant * y)
			contours[i][j] = point{float64(cos*x) - float64(sin*y), float64(sin*x) + float64(cos*y)}
		}
	}
	lo, hi := bounds(contours)
	size := box * (1 - float64(s.Shrink*rng.Float64()))
	scale := size / max(hi.x-lo.x, hi.y-lo.y)
	for _, c := range contours {
		for j, p := range c {
			c[j] = point{
				float64((p.x-(lo.x+hi.x)/2)*scale) + Side/2,
				float64((p.y-(lo.y+hi.y)/2)*scale) + Side/2,
			}
		}
	}
	return contours
}

// box is the side of the box in pixels that a digit is fitted into.
const box = 20

// factor draws a factor from 1/(1+a) to 1+a.
func factor(a float64, rng *rand.Rand) float64 {
	v := spread(a, rng)
	if v < 0 {
		return 1 / (1 - v)
	}
	return 1 + v
}
