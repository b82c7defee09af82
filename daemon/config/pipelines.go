package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// NamedPipeline is a pipeline for sensors of some names, in the stead of Config.Pipeline.
type NamedPipeline struct {
	Name     string   `yaml:"name" doc:"Name of the pipeline."`
	Sensors  []string `yaml:"sensors" doc:"Names of the sensors that it is for; * and ? are wildcards."`
	Pipeline Pipeline `yaml:"pipeline" doc:"All of a pipeline's fields; what is left out has its default, whatever pipeline says."`
}

// DefaultPipeline is the name of Config.Pipeline among pipelines.
const DefaultPipeline = "default"

// AnyPipeline stands for the pipeline that the patterns choose, where a name is asked for.
const AnyPipeline = "auto"

// MaxPipelines is how many pipelines can have names: what is printed of them is to be read back.
const MaxPipelines = 16

// PipelineFor is the pipeline of a sensor, and its name: the first that has a pattern of
// the sensor's name, or Config.Pipeline.
func (c *Config) PipelineFor(sensor string) (name string, p Pipeline) {
	for i := range c.Pipelines {
		n := &c.Pipelines[i]
		if slices.ContainsFunc(n.Sensors, func(pattern string) bool { return matches(pattern, sensor) }) {
			return n.Name, n.Pipeline
		}
	}
	return DefaultPipeline, c.Pipeline
}

// PipelineNames are the names of all pipelines, the default's first.
func (c *Config) PipelineNames() []string {
	names := []string{DefaultPipeline}
	for i := range c.Pipelines {
		names = append(names, c.Pipelines[i].Name)
	}
	return names
}

// preset gives an entry of a list the values that its fields have where a file leaves them out.
func preset(entry reflect.Value) {
	if n, is := entry.Addr().Interface().(*NamedPipeline); is {
		n.Pipeline = Default().Pipeline
	}
}

func (k *check) pipelines(c *Config) {
	if len(c.Pipelines) > MaxPipelines {
		k.fail("pipelines", fmt.Sprintf("at most %d", MaxPipelines), fmt.Sprint(len(c.Pipelines)))
		return
	}
	seen := map[string]bool{}
	for i := range c.Pipelines {
		n, here := &c.Pipelines[i], index("pipelines", i)
		switch {
		case !isName(n.Name):
			k.fail(join(here, "name"), "1 to 64 of A-Z, a-z, 0-9, - and _", quote(n.Name))
		case n.Name == DefaultPipeline || n.Name == AnyPipeline:
			k.fail(join(here, "name"), "another name than "+DefaultPipeline+", which is that of pipeline, and "+AnyPipeline, quote(n.Name))
		case seen[n.Name]:
			k.fail(join(here, "name"), "every name once", quote(n.Name))
		}
		seen[n.Name] = true
		k.patterns(join(here, "sensors"), n.Sensors)
		// The same checks as for the pipeline section, at another place.
		own := &check{at: func(path string) *Problem { return k.at(join(here, path)) }}
		own.pipeline(&n.Pipeline)
		for _, p := range own.found {
			p.Path = join(here, p.Path)
		}
		k.found = append(k.found, own.found...)
	}
}

// patterns demands patterns of sensors' names, at least one. A pipeline without any could
// still be given to a sensor by its name, but a forgotten list looks the same.
func (k *check) patterns(path string, patterns []string) {
	if len(patterns) == 0 {
		k.fail(path, "at least one name or pattern", "an empty list").Hint = `"*" is for all`
	}
	for i, p := range patterns {
		if p == "" || len(p) > 64 || strings.ContainsFunc(p, func(r rune) bool { return !nameRune(r) && r != '*' && r != '?' }) {
			k.fail(index(path, i), "1 to 64 of A-Z, a-z, 0-9, - and _, and * or ? as wildcards", quote(p))
		}
	}
}

// sections tells whether an entry of a list has sections of its own, which need lines of
// their own.
func sections(entry reflect.Type) bool {
	for i := range entry.NumField() {
		if entry.Field(i).Type.Kind() == reflect.Struct {
			return true
		}
	}
	return false
}

// block writes an entry of a list that has sections, a field a line, without the comments,
// which stand above the same fields elsewhere.
func (p printer) block(v reflect.Value, indent int, lead string) {
	for i, tag := range fields(v.Type()) {
		f, name := v.Field(i), lead+tag.Get("yaml")+":"
		lead = strings.Repeat(" ", len(lead))
		inner := indent + 1 + len(lead)/2
		switch {
		case f.Kind() == reflect.Struct:
			p.line(indent, name)
			p.block(f, inner, "")
		case f.Kind() == reflect.Slice && f.Len() > 0 && f.Type().Elem().Kind() == reflect.Struct:
			p.line(indent, name)
			p.items(f, inner)
		default:
			p.line(indent, name+" "+text(f))
		}
	}
}
