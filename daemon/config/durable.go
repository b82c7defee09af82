package config

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// The modes of ingest.
const (
	IngestCore   = "core"
	IngestStream = "stream"
)

// What a stream does when it has reached its size.
const (
	FullRemove = "remove"
	FullRefuse = "refuse"
)

// Where a stream is kept.
const (
	StorageFile   = "file"
	StorageMemory = "memory"
)

// Durable says what is kept, and how much of it, where ingest.mode is stream.
type Durable struct {
	Events     Stream     `yaml:"events" doc:"The stream that sensors publish to, PREFIX.*.events. Messages are read again from the last checkpoint on, so that as much must fit as comes between two of them, and what is to outlive a daemon's absence."`
	Results    Stream     `yaml:"results" doc:"The stream of what comes of it, PREFIX.*.features, .labels and .rejects, each result once. The last result of each sensor must stay."`
	Replicas   int        `yaml:"replicas" doc:"On how many servers of a cluster everything is kept: 1, 3 or 5."`
	Checkpoint Checkpoint `yaml:"checkpoint" doc:"Checkpoints: a sensor's whole state, in the object store PREFIX-state."`
}

// Stream is one of the streams.
type Stream struct {
	Name     string        `yaml:"name" doc:"Name of the stream; one that is there is used as it is, if it has the subjects. Empty: PREFIX-events or PREFIX-results."`
	Storage  string        `yaml:"storage" doc:"file, or memory, which is lost with the server."`
	MaxBytes Size          `yaml:"max_bytes" doc:"Largest size, which the server sets aside. 0: no bound but the server's."`
	MaxAge   time.Duration `yaml:"max_age" doc:"How long messages are kept. 0s: until there is no room."`
	Full     string        `yaml:"full" doc:"At max_bytes: remove what is oldest, or refuse what comes, which holds up whoever publishes."`
}

// Checkpoint says how often states are stored.
type Checkpoint struct {
	Every      time.Duration `yaml:"every" doc:"After how long one follows the one before, if anything came since."`
	EveryBytes Size          `yaml:"every_bytes" doc:"And after how many bytes of messages."`
	Keep       int           `yaml:"keep" doc:"How many are kept of each sensor: where the newest cannot be read, the one before is gone on from."`
}

// Cluster says how daemons share sensors, where ingest.mode is stream.
type Cluster struct {
	Name  string        `yaml:"name" doc:"Name of this daemon, another one for each on the same NATS cluster. Empty: the machine's name."`
	Lease time.Duration `yaml:"lease" doc:"After how long a daemon that is not heard of is dead, and its sensors are taken over. Longer than an election of the NATS cluster takes."`
}

// Own is the daemon's name: the one that is configured, or the machine's.
func (c Cluster) Own() (string, error) {
	if c.Name != "" {
		return c.Name, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("no name for the daemon: set cluster.name: %w", err)
	}
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		return '-'
	}, name)
	if name == "" {
		name = "saccade"
	}
	return name[:min(len(name), maxDaemonName)], nil
}

const maxDaemonName = 128

func defaultDurable() Durable {
	return Durable{
		Events:     Stream{Storage: StorageFile, MaxBytes: 1 * GiB, MaxAge: 24 * time.Hour, Full: FullRemove},
		Results:    Stream{Storage: StorageFile, MaxBytes: 4 * GiB, MaxAge: 24 * time.Hour, Full: FullRemove},
		Replicas:   1,
		Checkpoint: Checkpoint{Every: 10 * time.Second, EveryBytes: 256 * MiB, Keep: 3},
	}
}

func (k *check) durable(c *Config) {
	k.oneOf("ingest.mode", c.Ingest.Mode, IngestCore, IngestStream)
	if c.Ingest.Mode == IngestStream && c.NATS.UsesEmbedded() && !c.NATS.Embedded.JetStream {
		p := k.fail("ingest.mode", IngestCore+", as the embedded server has no JetStream", quote(c.Ingest.Mode))
		p.Hint = "set nats.embedded.jetstream to true"
	}
	d := &c.Durable
	for _, s := range []struct {
		path   string
		stream *Stream
	}{{"durable.events", &d.Events}, {"durable.results", &d.Results}} {
		if s.stream.Name != "" && strings.ContainsAny(s.stream.Name, " \t\r\n.*>/\\") {
			k.fail(s.path+".name", "a name without spaces, dots, slashes, * and >", quote(s.stream.Name))
		}
		k.oneOf(s.path+".storage", s.stream.Storage, StorageFile, StorageMemory)
		k.oneOf(s.path+".full", s.stream.Full, FullRemove, FullRefuse)
		k.size(s.path+".max_bytes", s.stream.MaxBytes, 0, 1<<50)
		k.duration(s.path+".max_age", s.stream.MaxAge, 0, 10*365*24*time.Hour)
	}
	if d.Events.Name != "" && d.Events.Name == d.Results.Name {
		k.fail("durable.results.name", "another stream than durable.events.name", quote(d.Results.Name))
	}
	if r := d.Replicas; r != 1 && r != 3 && r != 5 {
		k.fail("durable.replicas", "1, 3 or 5", fmt.Sprint(r))
	} else if r > 1 && c.NATS.UsesEmbedded() && c.Ingest.Mode == IngestStream {
		k.fail("durable.replicas", "1, as the embedded server is one", fmt.Sprint(r))
	}
	k.duration("durable.checkpoint.every", d.Checkpoint.Every, 10*time.Millisecond, 24*time.Hour)
	k.size("durable.checkpoint.every_bytes", d.Checkpoint.EveryBytes, 64*KiB, 1<<40)
	k.integer("durable.checkpoint.keep", d.Checkpoint.Keep, 1, 16)
	k.duration("ingest.sensors.idle", c.Ingest.Sensors.Idle, 0, 30*24*time.Hour)
	k.duration("cluster.lease", c.Cluster.Lease, 100*time.Millisecond, time.Hour)
	if n := c.Cluster.Name; n != "" {
		if own, err := (Cluster{Name: n}).Own(); err != nil || own != n || len(n) > maxDaemonName || strings.ContainsAny(n, " .") {
			k.fail("cluster.name", fmt.Sprintf("1 to %d of A-Z, a-z, 0-9, - and _", maxDaemonName), quote(n))
		}
	}
}
