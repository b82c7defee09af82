package rosbag_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/rosbag"
)

func BenchmarkRead(b *testing.B) {
	in := formattest.Scene(3, 200_000, 5000, vga)
	for _, c := range compressions[:1] {
		for _, encoding := range []string{"evt3", "mono"} {
			content := bag(chunk(b, c, records(camera(), packets(b, 0, encoding, 0, 4096, in)...)...))
			b.Run(encoding+"/"+c, func(b *testing.B) {
				formattest.BenchRead(b, formattest.Opener(b, rosbag.Name, events.Geometry{}), content)
			})
		}
	}
	content := bag(chunk(b, "lz4", records(camera(), packets(b, 0, "mono", 0, 4096, in)...)...))
	b.Run("mono/lz4", func(b *testing.B) {
		formattest.BenchRead(b, formattest.Opener(b, rosbag.Name, events.Geometry{}), content)
	})
	content = bag(chunk(b, "none", connection(0, "/dvs/events", "dvs_msgs/EventArray"), array(0, in...)))
	b.Run("array/none", func(b *testing.B) {
		formattest.BenchRead(b, formattest.Opener(b, rosbag.Name, events.Geometry{}), content)
		b.Run("copy", func(b *testing.B) { formattest.BenchCopy(b, content, len(in)) })
	})
}

func BenchmarkReadRecording(b *testing.B) {
	dir := os.Getenv("SACCADE_DATA")
	if dir == "" {
		b.Skip("SACCADE_DATA is not set")
	}
	content, err := os.ReadFile(filepath.Join(dir, "recordings", "ros", "evt3.bag"))
	if err != nil {
		b.Fatal(err)
	}
	formattest.BenchRead(b, formattest.Opener(b, rosbag.Name, events.Geometry{}), content)
}
