package command_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/command"
)

// Flags may stand anywhere between names, and names behind -- are never flags.
func TestFlagsBetweenNames(t *testing.T) {
	tmp := t.TempDir()
	t.Chdir(tmp)
	require.NoError(t, os.WriteFile(filepath.Join(tmp, "-in.csv"), []byte("t,x,y,p\n5,1,2,1\n6,1,2,0\n"), 0o600))
	for _, args := range [][]string{
		{"--to", "1us", "--format", "csv", "--", "-in.csv", "out"},
		{"--format=csv", "./-in.csv", "--to", "1us", "out"},
		{"./-in.csv", "--to=1us", "out", "--format", "csv"},
		{"./-in.csv", "--lenient", "--format", "csv", "out", "--to", "1us"},
	} {
		var told bytes.Buffer
		require.Zero(t, command.Run(t.Context(), append([]string{"convert"}, args...), &told, &told), "%q: %s", args, &told)
		out, err := os.ReadFile("out")
		require.NoError(t, err)
		require.Equal(t, "t,x,y,p\n5,1,2,1\n", string(out), "%q", args)
	}
	var told bytes.Buffer
	require.Zero(t, command.Run(t.Context(), []string{"inspect", "out", "--json", "./-in.csv"}, &told, &told), &told)
	require.Equal(t, 2, bytes.Count(told.Bytes(), []byte("\n")))
	require.Equal(t, 2, command.Run(t.Context(), []string{"convert", "out", "--nonsense", "out2"}, &told, &told))
	require.Contains(t, told.String(), "unknown flag --nonsense")
}
