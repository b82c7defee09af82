package control

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/model"
)

// Plans are the daemon's pipelines and its configuration.
type Plans interface {
	// Assign gives a sensor the pipeline of a name, or with [config.AnyPipeline] the one that
	// its name's pattern chooses, between two messages.
	Assign(ctx context.Context, sensor, pipeline string) (Assigned, error)
	// Reload reads the configuration again and applies it, all or nothing.
	Reload(ctx context.Context) (Reloaded, error)
	// Adapt has a model infer as the sensor's pipeline is configured to.
	Adapt(sensor string, m *model.Model)
}

// ErrNoPipeline says that there is no pipeline of a name.
var ErrNoPipeline = errors.New("no such pipeline")

// Assigned is the answer to a [PipelineRequest].
type Assigned struct {
	Sensor   string `json:"sensor"`
	Pipeline string `json:"pipeline"` // from here on
	Before   string `json:"before"`
	Changed  bool   `json:"changed"` // false where it had this one already
	Chosen   bool   `json:"chosen"`  // by the sensor's name, and not assigned
	Kept     bool   `json:"kept"`    // the assignment outlives the daemon
	// Learned tells whether the sensor goes on with what it had learned, bit for bit. Aside is
	// where its former state is kept otherwise, in the object store of states.
	Learned bool    `json:"learned_kept"`
	Aside   string  `json:"kept_as,omitempty"`
	Events  uint64  `json:"events"` // of the sensor before
	Seq     *uint64 `json:"seq,omitempty"`
}

// Reloaded is the answer to a request for a reload.
type Reloaded struct {
	Instance string              `json:"instance"` // the daemon's id
	Daemon   string              `json:"daemon,omitempty"`
	Fields   []config.Difference `json:"fields"`  // that have changed
	Sensors  []string            `json:"sensors"` // that have another pipeline now, or are not served any more
	// Failed are sensors that could not follow, with why: they were too busy, or have ended.
	// They have the pipeline that they had until they are drained or the daemon restarts.
	Failed []string `json:"failed,omitempty"`
}

func (c *Control) pipeline(ctx context.Context, r PipelineRequest, answer *nats.Msg) error {
	done, err := c.plans.Assign(ctx, r.Sensor, r.Pipeline)
	if errors.Is(err, service.ErrNoSensor) { // another pipeline can only be given to one that is worked on
		if s, why := c.daemon.Sensor(r.Sensor); why == nil && s.Away {
			return putAway(&s)
		}
	}
	if err != nil {
		return err
	}
	return c.encode(answer, done)
}

// reload answers 409 with all that is wrong as its data: a header holds a line.
func (c *Control) reload(ctx context.Context, answer *nats.Msg) error {
	done, err := c.plans.Reload(ctx)
	if err != nil {
		return &Error{Code: codeConflict, Description: err.Error()}
	}
	done.Instance, done.Daemon = c.micro.Info().ID, c.node
	if done.Fields == nil {
		done.Fields = []config.Difference{}
	}
	if done.Sensors == nil {
		done.Sensors = []string{}
	}
	return c.encode(answer, done)
}
