package aedat4_test

import (
	"path/filepath"
	"testing"

	"github.com/saccade-dev/saccade/events/formattest"
)

// What cameras send and decoders trip over, and what is in it.
func TestCorpus(t *testing.T) { formattest.Corpus(t, filepath.Join("testdata", "corpus"), corpus(t)) }
