package hil

import _ "embed"

// Example is a run file with every field and what it means. It is a run of its own: of simulated events, on a model.
//
//go:embed example.yaml
var Example string
