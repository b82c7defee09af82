package aedat4_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Decompressors that worked in goroutines would have to be closed, and a Reader cannot be.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
