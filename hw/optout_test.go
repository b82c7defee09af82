package hw_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
)

func TestSwitchedOff(t *testing.T) {
	for _, c := range []struct {
		value string
		off   bool
	}{
		{"", false},
		{"avx2=off", true},
		{" avx2=off ", true},
		{"neon=off,avx2=off", true},
		{"avx2=on", false},
		{"avx2", false},
		{"avx2=off2", false},
		{"xavx2=off", false},
	} {
		t.Setenv(hw.OptOut, c.value)
		if err := hw.SwitchedOff("avx2"); c.off {
			require.EqualError(t, err, "it is switched off by SACCADE_DEBUG=avx2=off", c.value)
		} else {
			require.NoError(t, err, c.value)
		}
	}
}
