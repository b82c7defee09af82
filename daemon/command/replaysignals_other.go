//go:build !unix

package command

import (
	"context"

	"github.com/saccade-dev/saccade/daemon/replay"
)

// signalled is nothing where there are no such signals.
type signalled struct{}

func signals() *signalled { return &signalled{} }

func (*signalled) end() {}

func (*signalled) steer(context.Context, *replay.Control) {}
