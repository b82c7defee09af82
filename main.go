// Command saccade consumes event-camera streams over NATS, learns features from
// them online and recognises what it sees. Run it without arguments for its
// commands; README.md explains them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/saccade-dev/saccade/daemon/command"
)

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once: the first one's wishes are being
	// carried out, and whoever sends another does not want to wait.
	context.AfterFunc(ctx, stop)
	return command.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
