package command

import (
	"strings"

	"github.com/saccade-dev/saccade/hw"
)

type devicesCmd struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

type deviceJSON struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Usable      bool   `json:"usable"`
	Reason      string `json:"reason,omitempty"`
	Default     bool   `json:"default"`
	// Features of the processor that it needs or would use.
	Features []featureJSON `json:"features"`
}

// addressedJSON is a kind of devices that are somewhere else, with names that hold an address.
type addressedJSON struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type featureJSON struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Present  bool   `json:"present"`
}

func (c *devicesCmd) Run(e *env) error {
	best, err := hw.Find(hw.Auto)
	if err != nil {
		return err
	}
	list := []deviceJSON{}
	for _, t := range hw.Targets() {
		d := deviceJSON{Name: t.Name(), Description: t.Describe(), Usable: true, Default: t == best, Features: []featureJSON{}}
		for _, f := range t.Features() {
			d.Features = append(d.Features, featureJSON(f))
		}
		if err := t.Usable(); err != nil {
			d.Usable, d.Reason = false, err.Error()
		}
		list = append(list, d)
	}
	elsewhere := []addressedJSON{}
	for _, a := range hw.AddressedTargets() {
		elsewhere = append(elsewhere, addressedJSON{Name: a.Form, Description: a.Description})
	}
	if c.JSON {
		return printJSON(e.stdout, struct {
			Devices   []deviceJSON    `json:"devices"`
			Elsewhere []addressedJSON `json:"elsewhere"`
		}{list, elsewhere})
	}
	for _, d := range list {
		note := ""
		switch {
		case !d.Usable:
			note = "  (not here: " + d.Reason + ")"
		case d.Default:
			note = "  (used unless another is named)"
		}
		if err := printf(e.stdout, "%-10s %s%s\n", d.Name, d.Description, note); err != nil {
			return err
		}
		if len(d.Features) == 0 {
			continue
		}
		if err := printf(e.stdout, "%-10s processor: %s\n", "", d.features()); err != nil {
			return err
		}
	}
	for _, a := range elsewhere {
		if err := printf(e.stdout, "%s  %s\n", a.Name, a.Description); err != nil {
			return err
		}
	}
	return nil
}

// features lists what the device asks of the processor, in words.
func (d *deviceJSON) features() string {
	words := make([]string, len(d.Features))
	for i, f := range d.Features {
		words[i] = f.Name
		switch {
		case !f.Present && f.Required:
			words[i] += " (missing)"
		case !f.Present:
			words[i] += " (not here, and not needed)"
		}
	}
	return strings.Join(words, ", ")
}
