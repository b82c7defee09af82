package aedat2_test

import (
	"path/filepath"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat2"
	"github.com/saccade-dev/saccade/events/formattest"
)

// What cameras send and decoders trip over, and what is in it.
func TestCorpus(t *testing.T) { formattest.Corpus(t, filepath.Join("testdata", "corpus"), corpus()) }

// made is a file of the corpus without damage.
func made(name, about string, g events.Geometry, data []byte, in []events.Event) formattest.File {
	return formattest.File{Name: name, About: about, Format: aedat2.Name, Geometry: g, Data: data, Events: in}
}
