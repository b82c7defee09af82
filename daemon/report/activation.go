package report

import (
	"fmt"
	"html/template"
)

// activityView is when, and for what, features fired.
type activityView struct {
	Empty   string
	Rasters rastersView
	Heat    []chartView
	What    string
	Classes []classView
	Omitted int // classes beyond what is drawn
	Places  string
}

type classView struct {
	Name, Facts string
	All         template.URL // where all features won
	AllHint     string
	Telling     []tellingView
}

type tellingView struct {
	Name, Class   string
	Picture       template.URL // empty where the layer's weights are not known
	Place         template.URL
	Hint          string
	Share, Others string
	Apart         string
}

// mostTelling is how many features are shown of a class.
const mostTelling = 3

// drawActivity draws what a layer's features did; id is behind the names of the
// layer's elements.
func drawActivity(level Level, id string, p portion) (activityView, []file, error) {
	l, a := level.Layer, level.Activation
	v := activityView{What: a.What}
	var files []file
	if l.neurons() > 0 {
		v.Rasters, files = drawRasters(l, level.Rasters, id, p)
		if c, caption := heatChart(l, a, p); c != nil {
			view, f := viewOf(c, p.prefix+"activation.svg", caption)
			v.Heat, files = append(v.Heat, view), append(files, f)
		}
		var err error
		if v.Classes, v.Omitted, err = drawClasses(l, a, p.classes); err != nil {
			return v, nil, err
		}
		v.Places = l.Field.told()
	}
	if len(v.Rasters.Choices)+len(v.Heat)+len(v.Classes) == 0 {
		v.Empty = "Nothing to show: the run has no events of features."
	}
	return v, files, nil
}

// drawClasses shows for each class where it makes features fire, and the features
// that tell it from the others, as far as there is room in bytes of the page.
func drawClasses(l Layer, a Activation, room int) (out []classView, omitted int, err error) {
	if !l.Field.Geometry.Known() {
		return nil, 0, nil
	}
	colours, err := newColours()
	if err != nil {
		return nil, 0, err
	}
	for i, c := range a.Classes {
		if c.Places == nil || c.Recordings == 0 {
			continue
		}
		if len(out) == maxRows || room < 0 {
			omitted++
			continue
		}
		v := classView{Name: c.Label, Facts: plural(int64(c.Recordings), "recording")}
		all := make([]int64, l.Field.Cells())
		for _, counts := range c.Places {
			for at, n := range counts {
				all[at] = max(all[at], all[at]+n) // the largest, where a sum from outside overflows
			}
		}
		v.AllHint = fmt.Sprintf("where features won in recordings of class %s: %s", c.Label, mapHint(all, l.Field))
		if v.All, err = dataURI(drawPlaces(all, l.Field, colours.places)); err != nil {
			return nil, 0, err
		}
		room -= len(v.All)
		most := tellings(a, i)
		for _, t := range most[:min(len(most), mostTelling)] {
			tv, err := drawTelling(l, c, t, colours)
			if err != nil {
				return nil, 0, err
			}
			room -= len(tv.Picture) + len(tv.Place) + 2*len(tv.Hint)
			v.Telling = append(v.Telling, tv)
		}
		out = append(out, v)
	}
	return out, omitted, nil
}

func drawTelling(l Layer, c Class, t telling, colours colours) (v tellingView, err error) {
	b, k := l.of(t.feature)
	bank := l.Banks[b]
	v.Name, v.Class = fmt.Sprintf("%s #%d", cut(bank.Name, 12), k), seriesClass(b, bank.Name)
	v.Share, v.Others = percent(t.share), "others "+percent(t.others)
	v.Apart = digits3(t.apart) + nbsp + "sd apart"
	v.Hint = fmt.Sprintf("%s, neuron %d: %s of the wins in recordings of class %s, %s in all others, %s standard deviations apart; it won at: %s",
		bank.Name, k, percent(t.share), c.Label, percent(t.others), digits3(t.apart), mapHint(c.Places[t.feature], l.Field))
	if len(bank.Weights) > 0 {
		if v.Picture, err = portrait(l, bank, k, colours); err != nil {
			return v, err
		}
	}
	v.Place, err = dataURI(drawPlaces(c.Places[t.feature], l.Field, colours.places))
	return v, err
}

// of gives the bank and the index in it of a feature.
func (l Layer) of(feature int) (bank, neuron int) {
	for b := range l.Banks {
		n := neurons(l.Banks[b])
		if feature < n {
			return b, feature
		}
		feature -= n
	}
	panic(panicFeature)
}

// panicFeature is the panic for a feature that the layer has not: check finds it first.
const panicFeature = "report: no bank has that feature"
