package command

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/wholefile"
)

type ctlLoadCmd struct {
	ctlSensor

	File     string `arg:"" optional:"" help:"Model file, which is uploaded to the object store. Without one, --object names a model that is there already."`
	Bucket   string `help:"The object store. Default: PREFIX-models." placeholder:"NAME"`
	Object   string `help:"Name in the object store. Default: the file's." placeholder:"NAME"`
	Learning string `help:"on or off from there on; keep: as it was." enum:"on,off,keep" default:"keep"`
	Reshape  bool   `help:"Take a model with other outputs, too: another number of layers or features, other labels or none."`
}

func (c *ctlLoadCmd) Run(e *env) error {
	if c.File == "" && c.Object == "" {
		return usageError{errors.New("expected a model file, or --object")}
	}
	if err := bus.CheckSensor(c.Sensor); err != nil {
		return usageError{err}
	}
	r := control.LoadRequest{Sensor: c.Sensor, Bucket: c.Bucket, Name: c.Object, Reshape: c.Reshape}
	if r.Bucket == "" {
		r.Bucket = control.ModelBucket(c.NATS.Prefix)
	}
	if r.Name == "" {
		r.Name = filepath.Base(c.File)
	}
	if c.Learning != "keep" {
		on := c.Learning == "on"
		r.Learning = &on
	}
	if c.File != "" {
		// Whether it is a model at all is found out here, before it goes anywhere.
		if _, err := model.Load(c.File); err != nil {
			return err
		}
		data, err := os.ReadFile(c.File)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		r.Digest = "SHA-256=" + base64.URLEncoding.EncodeToString(sum[:])
		if err := c.connected(e, func(ctx context.Context, nc *nats.Conn) error { return upload(ctx, nc, r.Bucket, r.Name, data) }); err != nil {
			return err
		}
	}
	var l control.Loaded
	return c.ask(e, control.EndpointLoad, r, &l, func() string { return loaded(&l) })
}

// upload puts an object into an object store, which is made where there is none.
func upload(ctx context.Context, nc *nats.Conn, bucket, name string, data []byte) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	store, err := js.ObjectStore(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		store, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: bucket, Description: "models for saccade's sensors"})
		if errors.Is(err, jetstream.ErrBucketExists) || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // made by another meanwhile
			store, err = js.ObjectStore(ctx, bucket)
		}
	}
	if err == nil {
		_, err = store.PutBytes(ctx, name, data)
	}
	if err != nil {
		return fmt.Errorf("uploading %s to object store %s: %w", name, bucket, err)
	}
	return nil
}

// loaded says what was put in and what was there.
func loaded(l *control.Loaded) string {
	lines := []string{
		fmt.Sprintf("%s: has another model, %s", printable(l.Sensor), place(l.Events, l.Seq)),
		"  now:      " + summary(&l.Model),
	}
	if l.Replaced != nil {
		lines = append(lines, "  replaced: "+summary(l.Replaced))
	}
	if l.Warning != "" {
		lines = append(lines, "  warning: "+printable(l.Warning))
	}
	return strings.Join(lines, "\n")
}

func summary(s *control.Summary) string {
	text := fmt.Sprintf("%dx%d pixels, %s, %s", s.Width, s.Height, plural(s.Layers, "layer"), plural(s.Features, "feature"))
	if s.By != "" {
		text += fmt.Sprintf(", %d labels by a %s", len(s.Classes), printable(s.By))
	} else {
		text += ", no labels"
	}
	return text + ", " + printable(s.Digest)
}

type ctlModelCmd struct {
	Sensor string    `arg:"" help:"The sensor."`
	Out    string    `short:"o" required:"" help:"Where to write it." placeholder:"MODEL"`
	JSON   bool      `name:"json" help:"Print one JSON object."`
	NATS   natsFlags `embed:""`
}

func (c *ctlModelCmd) Run(e *env) error {
	f := sensorFlags{Sensor: c.Sensor, NATS: c.NATS}
	data, err := f.ask(e, control.EndpointModel, control.SensorRequest{Sensor: c.Sensor})
	if err != nil {
		return err
	}
	m := new(model.Model)
	if err := m.UnmarshalBinary(data); err != nil {
		return fmt.Errorf("the daemon's answer: %w", err)
	}
	err = wholefile.Write(c.Out, data)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, map[string]any{"sensor": c.Sensor, "file": c.Out, "bytes": len(data), "features": m.Top().Features()})
	}
	return printf(e.stdout, "%s: %s, %s\n", c.Out, plural(m.Top().Features(), "feature"), plural(len(data), "byte"))
}
