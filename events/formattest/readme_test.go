package formattest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page for others tells of every corpus that there is.
func TestReadmeNamesEveryCorpus(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	found := 0
	for _, pattern := range []string{"../*/testdata/corpus.json", "../*/testdata/corpus/corpus.json"} {
		list, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range list {
			found++
			folder, err := filepath.Rel("..", filepath.Dir(path))
			require.NoError(t, err)
			require.Contains(t, string(text), "`"+filepath.ToSlash(folder)+"`")
		}
	}
	require.GreaterOrEqual(t, found, 9, "corpora")
}
