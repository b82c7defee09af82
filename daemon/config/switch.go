package config

import "strconv"

// Switch is on, off, or as it fits what else there is. In a file it is true, false or
// auto.
type Switch uint8

// The positions of a switch.
const (
	Auto Switch = iota
	On
	Off
)

const (
	textAuto   = "auto"
	wantSwitch = "true, false or auto"
)

// parseSwitch reads a switch from its text in a file.
func parseSwitch(text string) (Switch, error) {
	if text == textAuto {
		return Auto, nil
	}
	on, err := parseBool(text)
	switch {
	case err != nil:
		return Auto, err
	case on:
		return On, nil
	default:
		return Off, nil
	}
}

// String is the switch's text in a file.
func (s Switch) String() string {
	switch s {
	case Auto:
		return textAuto
	case On:
		return "true"
	case Off:
		return "false"
	default:
		return "Switch(" + strconv.Itoa(int(s)) + ")"
	}
}

// Is tells whether the switch is on, where auto stands for what fits.
func (s Switch) Is(fits bool) bool { return s == On || s == Auto && fits }
