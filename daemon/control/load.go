package control

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/model"
)

// MaxModel bounds a model that is uploaded or loaded, in bytes: the largest layer alone, 4096 neurons a bank of 63x63
// pixels, has 130 MB, and usual models a few.
const MaxModel = 256 << 20

// loadsAtATime bounds the models that are in memory before they are a sensor's.
const loadsAtATime = 2

// Summary is a model in a few words.
type Summary struct {
	Digest   string `json:"digest"` // of the model as a file: SHA-256=, and base64 as object stores have it
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Layers   int    `json:"layers"`
	Features int    `json:"features"` // of the last layer
	// Classes are those of its labels, none where it gives none.
	Classes []string `json:"classes,omitempty"`
	// By is what labels are by: readout or network.
	By string `json:"labels_by,omitempty"`
}

// Loaded is the answer to a [LoadRequest].
type Loaded struct {
	Sensor string `json:"sensor"`
	Bucket string `json:"bucket"`
	Name   string `json:"name"`
	// Model is what the sensor has from here on, Replaced what it had; nil where it had
	// nothing.
	Model    Summary  `json:"model"`
	Replaced *Summary `json:"replaced,omitempty"`
	Learning bool     `json:"learning"`
	Warning  string   `json:"warning,omitempty"`
	Events   uint64   `json:"events"` // of the sensor before
	Seq      *uint64  `json:"seq,omitempty"`
}

const warnLearning = "labels get worse while features learn on: freeze the sensor's learning, or load with learning false"

func (c *Control) load(ctx context.Context, r LoadRequest, answer *nats.Msg) error {
	select {
	case c.loading <- struct{}{}:
		defer func() { <-c.loading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if r.Bucket == "" {
		r.Bucket = ModelBucket(c.prefix)
	}
	data, err := fetch(ctx, c.nc, r.Bucket, r.Name)
	if err != nil {
		return err
	}
	digest := digestOf(data)
	if r.Digest != "" && r.Digest != digest {
		return refuse(codeConflict, "object %s of bucket %s: expected digest %s, found %s: somebody else has stored another one", r.Name, r.Bucket, r.Digest, digest)
	}
	m := new(model.Model)
	if err := m.UnmarshalBinary(data); err != nil {
		return refuse(codeConflict, "object %s of bucket %s: %v", r.Name, r.Bucket, err)
	}
	if c.plans != nil {
		c.plans.Adapt(r.Sensor, m)
	}
	done, err := c.daemon.LoadModel(ctx, r.Sensor, m, r.Learning, func(before *model.Model) error {
		if r.Reshape || before == nil {
			return nil
		}
		return fits(before, m)
	})
	if err != nil {
		return err
	}
	out := Loaded{
		Sensor: r.Sensor, Bucket: r.Bucket, Name: r.Name, Model: summaryOf(m, digest),
		Learning: done.Learning, Events: done.Events, Seq: done.Seq,
	}
	if done.Before != nil {
		b, err := done.Before.MarshalBinary()
		if err != nil {
			return err
		}
		s := summaryOf(done.Before, digestOf(b))
		out.Replaced = &s
	}
	if done.Learning && m.RestsOnFeatures() {
		out.Warning = warnLearning
	}
	return c.encode(answer, out)
}

// fits tells in what a model's outputs are others than those of the one that it replaces:
// whoever reads them would not expect that.
func fits(before, m *model.Model) error {
	var why string
	old, found := labelsOf(before), labelsOf(m)
	switch {
	case len(m.Upper) != len(before.Upper):
		why = fmt.Sprintf("%d layers, and the sensor has %d", 1+len(m.Upper), 1+len(before.Upper))
	case m.Top().Features() != before.Top().Features():
		why = fmt.Sprintf("%d features, and the sensor has %d", m.Top().Features(), before.Top().Features())
	case len(old) > 0 && len(found) == 0:
		why = "no labels, and the sensor gives labels"
	case len(old) > 0 && !slices.Equal(old, found):
		why = fmt.Sprintf("the labels %s, and the sensor has %s", short(found), short(old))
	default:
		return nil
	}
	return fmt.Errorf("%w: the model has %s; with reshape it is taken all the same", service.ErrUnfit, why)
}

func short(names []string) string {
	text := strings.Join(names, ", ")
	if len(text) > 100 {
		return text[:100] + "..."
	}
	return text
}

// labelsOf are the classes of a model's labels, none where it gives none.
func labelsOf(m *model.Model) []string {
	switch {
	case m.Network != nil:
		return m.Network.Labels
	case m.Readout != nil:
		return m.Readout.Classes()
	default:
		return nil
	}
}

func summaryOf(m *model.Model, digest string) Summary {
	s := Summary{
		Digest: digest, Width: m.Feast.Width, Height: m.Feast.Height,
		Layers: 1 + len(m.Upper), Features: m.Top().Features(), Classes: labelsOf(m),
	}
	switch {
	case m.Network != nil:
		s.By = "network"
	case m.Readout != nil:
		s.By = "readout"
	}
	return s
}

// digestOf is a digest as object stores have it.
func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return digestPrefix + base64.URLEncoding.EncodeToString(sum[:])
}

const digestPrefix = "SHA-256="

// fetch reads an object, whole and as its digest says, or not at all.
func fetch(ctx context.Context, nc *nats.Conn, bucket, name string) ([]byte, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	where := fmt.Sprintf("object %s of bucket %s", name, bucket)
	store, err := js.ObjectStore(ctx, bucket)
	var info *jetstream.ObjectInfo
	if err == nil {
		info, err = store.GetInfo(ctx, name)
	}
	switch {
	case errors.Is(err, jetstream.ErrBucketNotFound):
		return nil, refuse(codeUnknown, "no object store %s", bucket)
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return nil, refuse(codeUnknown, "no object %s in bucket %s", name, bucket)
	case noJetStream(err):
		return nil, errNoObjects
	case err != nil:
		return nil, fmt.Errorf("%s: %w", where, err)
	case info.Opts != nil && info.Opts.Link != nil:
		return nil, refuse(codeConflict, "%s: expected an object, found a link", where)
	case info.Size > MaxModel:
		return nil, refuse(codeConflict, "%s: expected at most %d bytes, found %d", where, MaxModel, info.Size)
	}
	object, err := store.Get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	data, err := io.ReadAll(io.LimitReader(object, MaxModel+1))
	if err = errors.Join(err, object.Close()); err == nil {
		err = object.Error()
	}
	switch {
	case errors.Is(err, jetstream.ErrDigestMismatch):
		return nil, refuse(codeConflict, "%s: it is damaged: %v", where, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", where, err)
	case len(data) > MaxModel:
		return nil, refuse(codeConflict, "%s: expected at most %d bytes", where, MaxModel)
	}
	return data, nil
}
