package rtltest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// programs are compiled once for all tests that need them.
var programs struct {
	sync.Mutex
	folder string
	of     map[fpga.Build]string
}

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "saccade-rtl")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	programs.folder, programs.of = folder, map[fpga.Build]string{}
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// compiled gives the program of a build.
func compiled(t testing.TB, b fpga.Build) string {
	t.Helper()
	if os.Getenv("SACCADE_RTL") == "" {
		t.Skip("the design against its model takes minutes, and needs Verilator: SACCADE_RTL is not set")
	}
	programs.Lock()
	defer programs.Unlock()
	if path, ok := programs.of[b]; ok {
		return path
	}
	folder := filepath.Join(programs.folder, fmt.Sprint(len(programs.of)))
	require.NoError(t, os.Mkdir(folder, 0o777))
	path, err := rtltest.Compile(t.Context(), folder, b)
	if errors.Is(err, rtltest.ErrNoVerilator) {
		t.Skip(err)
	}
	require.NoError(t, err)
	programs.of[b] = path
	return path
}

// simulate runs a program until the test ends.
func simulate(t testing.TB, program string, seed uint32) *rtltest.Simulation {
	t.Helper()
	s, err := rtltest.Start(context.WithoutCancel(t.Context()), program, seed)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
