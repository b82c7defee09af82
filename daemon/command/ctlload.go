package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/wholefile"
)

type ctlLoadCmd struct {
	ctlSensor

	File     string `arg:"" optional:"" help:"Model file, which the daemon stores in the object store PREFIX-models. Without one, --object names a model that is there already."`
	Bucket   string `help:"The object store, without a file. Default: PREFIX-models." placeholder:"NAME"`
	Object   string `help:"Name in the object store. Default: the file's." placeholder:"NAME"`
	Replace  bool   `help:"Replace another model of this name in the object store."`
	Learning string `help:"on or off from there on; keep: as it was." enum:"on,off,keep" default:"keep"`
	Reshape  bool   `help:"Take a model with other outputs, too: another number of layers or features, other labels or none."`
}

func (c *ctlLoadCmd) Run(e *env) error {
	switch {
	case c.File == "" && c.Object == "":
		return usageError{errors.New("expected a model file, or --object")}
	case c.File == "" && c.Replace:
		return usageError{errors.New("--replace: expected a model file with it")}
	case c.File != "" && c.Bucket != "":
		return usageError{errors.New("--bucket: expected none with a model file, which goes to PREFIX-models")}
	}
	if err := bus.CheckSensor(c.Sensor); err != nil {
		return usageError{err}
	}
	r := control.LoadRequest{Sensor: c.Sensor, Bucket: c.Bucket, Name: c.Object, Reshape: c.Reshape}
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
		if r.Digest, err = c.upload(e, r.Name, data); err != nil {
			return err
		}
	}
	var l control.Loaded
	return c.ask(e, control.EndpointLoad, r, &l, func() string { return loaded(&l) })
}

// upload has the daemon that has the sensor store a model, and gives its digest.
func (c *ctlLoadCmd) upload(e *env, name string, data []byte) (digest string, err error) {
	f := sensorFlags{Sensor: c.Sensor, NATS: c.NATS}
	answer, err := f.ask(e, control.EndpointSensor, control.SensorRequest{Sensor: c.Sensor})
	if err != nil {
		return "", err
	}
	var s control.Inspected
	if err := json.Unmarshal(answer, &s); err != nil {
		return "", fmt.Errorf("the daemon's answer: %w", err)
	}
	asking, end := context.WithCancelCause(e.ctx)
	defer end(nil)
	nc, _, err := c.NATS.connect(e, bus.ConnectOptions{OnChange: onRefusal(end)})
	if err != nil {
		return "", err
	}
	defer nc.Close()
	bars := e.bars()
	defer bars.Close()
	stage := bars.Stage("uploading")
	defer stage.End()
	sending := control.Sending{
		Prefix: c.NATS.Prefix, Instance: s.Instance, Name: name, Data: data, Replace: c.Replace,
		Each: func(received, size int64) { stage.Set(int(received), int(size)) },
	}
	done, err := sending.Send(asking, nc)
	err = orRefused(asking, err)
	if no, said := errors.AsType[*control.Error](err); said {
		err = errors.New(printable(no.Description))
	}
	if err != nil {
		return "", fmt.Errorf("uploading %s: %w", name, err)
	}
	return done.Digest, nil
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
