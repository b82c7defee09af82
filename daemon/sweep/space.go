package sweep

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/saccade-dev/saccade/features/feast"
)

// Space says which values a layer's parameters may have. Parameters without any stay
// as they are. The zero value leaves all as they are.
type Space struct {
	values map[string]values
}

// MaxTrials bounds how many configurations a sweep may have.
const MaxTrials = 10_000

// Default is a space around the parameters of N-MNIST: sizes that a layer on one core
// keeps up with, and rates over two decades.
func Default() Space {
	var s Space
	for _, v := range []string{
		"neurons=4,8,16,32", "radius=1..5", "tau=2ms..100ms", "eta=0.0001..0.03", "delta_i=0.0003..0.01", "delta_e=0.0003..0.03",
	} {
		if err := s.Vary(v); err != nil {
			panic(err) // a mistake in the lines above, which a test would have found
		}
	}
	return s
}

// Names of the parameters that have values, in the order of the parameters.
func (s Space) Names() []string {
	var out []string
	for _, p := range parameters {
		if _, ok := s.values[p.name]; ok {
			out = append(out, p.name)
		}
	}
	return out
}

// Vary adds a parameter as NAME=VALUES: a list (8,16,32), a range (5ms..50ms), or so
// many values of one (0.001..0.1/5). Whole numbers are spread evenly over a range and
// others at equal ratios. A parameter that has values already gets others.
func (s *Space) Vary(text string) error {
	name, list, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("%q: expected NAME=VALUES", text)
	}
	return s.add(strings.TrimSpace(name), list)
}

func (s *Space) add(name, list string) error {
	p, err := find(name)
	if err != nil {
		return err
	}
	v, err := parseValues(p.kind, list)
	if err != nil {
		return fmt.Errorf("%s: %w", p.flag(), err)
	}
	if s.values == nil {
		s.values = map[string]values{}
	}
	s.values[p.name] = v
	return nil
}

// maxSpaceBytes bounds a file that describes a space.
const maxSpaceBytes = 1 << 20

// ReadSpace reads a YAML file of parameters, each with a text as Vary takes it or with
// a list:
//
//	neurons: [8, 16, 32]
//	tau: 5ms..50ms
func ReadSpace(path string) (Space, error) {
	st, err := os.Stat(path)
	if err != nil {
		return Space{}, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxSpaceBytes {
		return Space{}, fmt.Errorf("%s: expected a file of at most %d bytes", path, maxSpaceBytes)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Space{}, err
	}
	s, err := parseSpace(b)
	if err != nil {
		return Space{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func parseSpace(b []byte) (Space, error) {
	var items yaml.MapSlice
	if err := yaml.Unmarshal(b, &items); err != nil {
		return Space{}, errors.New(strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	var s Space
	for _, item := range items {
		name := fmt.Sprint(item.Key)
		list := fmt.Sprint(item.Value)
		if many, ok := item.Value.([]any); ok {
			texts := make([]string, len(many))
			for i, one := range many {
				texts[i] = fmt.Sprint(one)
			}
			list = strings.Join(texts, ",")
		}
		if err := s.add(name, list); err != nil {
			return Space{}, err
		}
	}
	if len(s.values) == 0 {
		return Space{}, fmt.Errorf("expected one or more of the parameters %s, found none", strings.Join(names(), ", "))
	}
	return s, nil
}

// Validate returns an error that names a value that a layer cannot have.
func (s Space) Validate(base feast.Config) error {
	if len(s.values) == 0 {
		return errors.New("expected a parameter to search over, found none")
	}
	for _, p := range parameters {
		for _, v := range s.values[p.name].ends() {
			c := base
			p.set(&c, v)
			if err := c.Validate(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Random is the base configuration and then up to n others, drawn by the base's seed.
// No two are the same; where the space has fewer, there are fewer. A larger n only
// adds configurations.
func (s Space) Random(base feast.Config, n int) ([]feast.Config, error) {
	if err := s.Validate(base); err != nil {
		return nil, err
	}
	if n < 1 || n > MaxTrials {
		return nil, fmt.Errorf("%d configurations: expected 1 to %d", n, MaxTrials)
	}
	rng := rand.New(rand.NewPCG(base.Seed, 0x5eeb))
	out := []feast.Config{base}
	seen := map[string]bool{key(base): true}
	// A space that is nearly used up gives what is left with patience.
	for misses := 0; len(out) < n+1 && misses < 1000; {
		c := base
		for _, p := range parameters {
			if v, ok := s.values[p.name]; ok {
				p.set(&c, v.draw(rng))
			}
		}
		if k := key(c); seen[k] || c.Validate() != nil {
			misses++
		} else {
			seen[k] = true
			out, misses = append(out, c), 0
		}
	}
	return out, nil
}

// Grid is the base configuration and then every combination of values.
func (s Space) Grid(base feast.Config) ([]feast.Config, error) {
	if err := s.Validate(base); err != nil {
		return nil, err
	}
	out := []feast.Config{base}
	for _, name := range s.Names() {
		p, err := find(name)
		if err != nil {
			return nil, err
		}
		list := s.values[name].list
		if len(list) == 0 {
			return nil, fmt.Errorf("%s: expected a list or the number of a range's values in a grid, such as %s..%s/5",
				p.flag(), p.kind.text(s.values[name].low), p.kind.text(s.values[name].high))
		}
		if len(out)*len(list) > MaxTrials {
			return nil, fmt.Errorf("expected a grid of at most %d configurations, found more", MaxTrials)
		}
		var more []feast.Config
		for _, c := range out {
			for _, v := range list {
				p.set(&c, v)
				more = append(more, c)
			}
		}
		out = more
	}
	out = slices.DeleteFunc(out, func(c feast.Config) bool { return key(c) == key(base) || c.Validate() != nil })
	return slices.Insert(out, 0, base), nil
}

// Flags are a configuration's parameters that the space has values for, as flags of
// `saccade train feast`.
func (s Space) Flags(c feast.Config) []string {
	var out []string
	for _, p := range parameters {
		if _, ok := s.values[p.name]; ok {
			out = append(out, "--"+p.flag(), p.kind.text(p.get(c)))
		}
	}
	return out
}

// Texts are a configuration's parameters that the space has values for, in the order
// of Names, for people.
func (s Space) Texts(c feast.Config) []string {
	var out []string
	for _, p := range parameters {
		if _, ok := s.values[p.name]; ok {
			out = append(out, p.kind.text(p.get(c)))
		}
	}
	return out
}
