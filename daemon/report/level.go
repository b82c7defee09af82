package report

import (
	"fmt"
	"html/template"
	"strings"
)

// levelView is the sections of one layer.
type levelView struct {
	ID                    string // behind the names of its elements; empty for the first layer
	Learned, Went, Active string // headings
	Features              featuresView
	Learning              learningView
	Activity              activityView
}

// portion is what one layer may take of whatever grows with what a run brings: the
// page's bounds, shared among its layers. The names of its files begin with prefix.
type portion struct {
	prefix         string
	tiles, classes int // bytes
	dots, lines    int
	cells, hinted  int // of the activation by class, and how many have words of their own
}

// portionOf is that of layer i, from 0.
func portionOf(i, layers int) portion {
	p := portion{
		tiles: maxTileBytes / layers, classes: maxClassBytes / layers, dots: maxAllDots / layers,
		lines: maxLines / layers, cells: maxRows * maxColumns / layers, hinted: maxHinted / layers,
	}
	if i > 0 {
		p.prefix = fmt.Sprintf("layer-%d-", i+1)
	}
	return p
}

// drawLevels draws every layer, with the files that its pictures also stand in.
func drawLevels(run Run, faces typefaces) (views []levelView, files []file, err error) {
	levels := run.levels()
	for i, l := range levels {
		v := levelView{Learned: "What it learned", Went: "How learning went", Active: "What fires when, and for what"}
		if i > 0 {
			v.ID = fmt.Sprintf("-%d", i+1)
		}
		if l.Layer.Frozen {
			v.Went = "How well it knows what came"
		}
		if len(levels) > 1 {
			for _, heading := range []*string{&v.Learned, &v.Went, &v.Active} {
				*heading = fmt.Sprintf("Layer %d: %s%s", i+1, strings.ToLower((*heading)[:1]), (*heading)[1:])
			}
		}
		more, err := v.draw(l, portionOf(i, len(levels)), faces)
		if err != nil {
			return nil, nil, err
		}
		views, files = append(views, v), append(files, more...)
	}
	return views, files, nil
}

func (v *levelView) draw(l Level, p portion, faces typefaces) (files []file, err error) {
	if v.Features, files, err = drawFeatures(l.Layer, p, faces); err != nil {
		return nil, err
	}
	var more []file
	v.Learning, more = drawLearning(l.Layer, p)
	files = append(files, more...)
	if v.Activity, more, err = drawActivity(l, v.ID, p); err != nil {
		return nil, err
	}
	return append(files, more...), nil
}

// style is what the page's style sheet has for these sections.
func (v levelView) style() template.CSS { return v.Activity.Rasters.Style }
