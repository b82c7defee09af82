package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
)

// shared tells the control service of daemons that share sensors which of them this one is,
// and which has a sensor, as package cluster has written it.
func (d *Daemon) shared(ctx context.Context, c *config.Config, o *control.Options) error {
	name, err := c.Cluster.Own()
	if err != nil {
		return err
	}
	js, err := jetstream.New(d.nc)
	if err != nil {
		return err
	}
	bucket := strings.ReplaceAll(c.NATS.Prefix, ".", "-") + "-sensors"
	owners, err := js.KeyValue(ctx, bucket)
	if err != nil {
		return fmt.Errorf("key-value bucket %s: %w", bucket, err)
	}
	o.Node, o.Metadata["daemon"] = name, name
	o.Owner = func(ctx context.Context, sensor string) (string, error) {
		e, err := owners.Get(ctx, sensor)
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound):
			return "", nil
		case err != nil:
			return "", err
		}
		var owner struct {
			Daemon string `json:"daemon"`
		}
		if err := json.Unmarshal(e.Value(), &owner); err != nil {
			return "", nil //nolint:nilerr // nobody's, as package cluster takes it
		}
		return owner.Daemon, nil
	}
	return nil
}
