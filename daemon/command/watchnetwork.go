package command

import (
	"fmt"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// networkLine says what a sensor's network over frames does, where it has one.
func networkLine(line lineFunc, n *bus.NetworkStatus) {
	if n == nil {
		return
	}
	line("network", "%12s   frames, %s", grouped(n.Frames), networkWork(n))
}

// networkWork is what the frames of a network took.
func networkWork(n *bus.NetworkStatus) string {
	if n.Frames == 0 {
		return fmt.Sprintf("%s of state", plural(n.StateBytes, "byte"))
	}
	done, dense, _ := n.PerFrame()
	share := ""
	if dense > 0 {
		share = fmt.Sprintf(", %s of dense", percent(done/dense))
	}
	return fmt.Sprintf("%s multiply-adds a frame%s; %s of state", rate(done), share, plural(n.StateBytes, "byte"))
}
