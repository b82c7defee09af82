//go:build !race

package hil_test

import "testing"

const raceEnabled = false

func slowWithRace(*testing.T) {}
