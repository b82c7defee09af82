package hw

import (
	"fmt"
	"os"
	"strings"
)

// OptOut names the environment variable by which targets are switched off, for
// finding out whether one is to blame: name=off, several separated by commas, as
// in GODEBUG.
const OptOut = "SACCADE_DEBUG"

// SwitchedOff is an error where the environment switches a target off. A target
// that can be done without asks it first in its Usable.
func SwitchedOff(name string) error {
	for setting := range strings.SplitSeq(os.Getenv(OptOut), ",") {
		if strings.TrimSpace(setting) == name+"=off" {
			return fmt.Errorf("it is switched off by %s=%s=off", OptOut, name)
		}
	}
	return nil
}
