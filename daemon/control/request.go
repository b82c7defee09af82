package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/feast"
)

// MaxRequest bounds a request, in bytes: many times what one needs.
const MaxRequest = 4096

// LearningRequest asks for learning to be on or off.
type LearningRequest struct {
	Sensor   string `json:"sensor"`
	Learning *bool  `json:"learning"`
}

// SensorRequest asks for something of one sensor.
type SensorRequest struct {
	Sensor string `json:"sensor"`
	// Layer is which of several is asked for, from 1; 0 is the first.
	Layer int `json:"layer,omitempty"`
}

// SensorsRequest asks for the sensors behind a name, in the order of names.
type SensorsRequest struct {
	After string `json:"after,omitempty"` // empty for the first
	Limit int    `json:"limit,omitempty"` // at most so many, 0 for as many as an answer holds
}

// parse reads a request strictly: one JSON object of known fields, nothing behind it.
func parse[T any](data []byte) (T, error) { return parseWithin[T](data, MaxRequest) }

func parseWithin[T any](data []byte, most int) (T, error) {
	var r, none T
	if len(data) > most {
		return none, refuse(codeBad, "expected a request of at most %d bytes, found %d", most, len(data))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		if errors.Is(err, io.EOF) {
			return none, refuse(codeBad, "expected a JSON object, found nothing")
		}
		return none, refuse(codeBad, "expected a JSON object: %v", err)
	}
	at := d.InputOffset()
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return none, refuse(codeBad, "at byte %d: expected the end of the request, found more", at)
	}
	return r, nil
}

func parseLearning(data []byte) (LearningRequest, error) {
	r, err := parse[LearningRequest](data)
	if err == nil {
		err = checkSensor(r.Sensor)
	}
	if err == nil && r.Learning == nil {
		err = refuse(codeBad, `learning: expected true or false, found nothing`)
	}
	return r, err
}

func parseSensor(data []byte) (SensorRequest, error) {
	r, err := parse[SensorRequest](data)
	if err == nil {
		err = checkSensor(r.Sensor)
	}
	if err == nil && r.Layer < 0 {
		err = refuse(codeBad, "layer: expected 1 or more, found %d", r.Layer)
	}
	return r, err
}

// parseSensors also takes nothing at all, for the first of all sensors.
func parseSensors(data []byte) (SensorsRequest, error) {
	if len(bytes.TrimSpace(data)) == 0 && len(data) <= MaxRequest {
		return SensorsRequest{}, nil
	}
	r, err := parse[SensorsRequest](data)
	switch {
	case err != nil:
	case r.After != "" && bus.CheckSensor(r.After) != nil:
		err = refuse(codeBad, "after: %v", bus.CheckSensor(r.After))
	case r.Limit < 0:
		err = refuse(codeBad, "limit: expected 0 or more, found %d", r.Limit)
	}
	return r, err
}

// AnnealRequest asks for other learning rates: those that there are times a factor, or
// those that are given, or another schedule by which they fall.
type AnnealRequest struct {
	Sensor string `json:"sensor"`
	Layer  int    `json:"layer,omitempty"` // from 1; 0 is all of them
	// Factor multiplies eta, delta_i and delta_e, so that misses per hit at balance stay as
	// they are.
	Factor *float64 `json:"factor,omitempty"`
	Eta    *float64 `json:"eta,omitempty"`
	DeltaI *float64 `json:"delta_i,omitempty"`
	DeltaE *float64 `json:"delta_e,omitempty"`
	// Schedule is another one; every_events 0 and factor 0 for none.
	Schedule *feast.Anneal `json:"schedule,omitempty"`
}

// MaxFactor is the largest factor of an [AnnealRequest].
const MaxFactor = 1000

func parseAnneal(data []byte) (AnnealRequest, error) {
	r, err := parse[AnnealRequest](data)
	if err == nil {
		err = checkSensor(r.Sensor)
	}
	own := r.Eta != nil || r.DeltaI != nil || r.DeltaE != nil
	switch {
	case err != nil:
	case r.Layer < 0:
		err = refuse(codeBad, "layer: expected 1 or more, or 0 for all, found %d", r.Layer)
	case r.Factor == nil && !own && r.Schedule == nil:
		err = refuse(codeBad, "expected factor, eta, delta_i, delta_e or schedule, found none")
	case r.Factor != nil && own:
		err = refuse(codeBad, "factor: expected none beside eta, delta_i and delta_e")
	case r.Factor != nil && !(*r.Factor >= 0 && *r.Factor <= MaxFactor):
		err = refuse(codeBad, "factor: expected 0 to %d, found %g", MaxFactor, *r.Factor)
	}
	return r, err
}

// LoadRequest asks for a model out of an object store.
type LoadRequest struct {
	Sensor string `json:"sensor"`
	Bucket string `json:"bucket,omitempty"` // empty for [ModelBucket]
	Name   string `json:"name"`             // of the object
	// Digest is what the object must have, as object stores write it: SHA-256=, and base64.
	Digest string `json:"digest,omitempty"`
	// Learning is on or off from there on; nil for as it was.
	Learning *bool `json:"learning,omitempty"`
	// Reshape allows a model whose outputs are others: with another number of layers or
	// features, other labels or none.
	Reshape bool `json:"reshape,omitempty"`
}

// maxName bounds the name of a bucket or an object.
const maxName = 255

func parseLoad(data []byte) (LoadRequest, error) {
	r, err := parse[LoadRequest](data)
	if err == nil {
		err = checkSensor(r.Sensor)
	}
	if err == nil {
		err = checkObject(r.Name)
	}
	switch {
	case err != nil:
	case len(r.Bucket) > maxName || strings.ContainsFunc(r.Bucket, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}):
		err = refuse(codeBad, "bucket: expected at most %d of A-Z, a-z, 0-9, - and _, found %.64q", maxName, r.Bucket)
	case r.Digest != "":
		err = checkDigest(r.Digest)
	}
	return r, err
}

// checkObject tells what is wrong with an object's name, if anything.
func checkObject(name string) error {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return refuse(codeBad, "name: expected 1 to %d bytes of printable text, found %.64q", maxName, name)
	}
	return nil
}

// checkDigest tells what is wrong with the form of a digest, if anything.
func checkDigest(digest string) error {
	if !strings.HasPrefix(digest, digestPrefix) || len(digest) != digestBytes {
		return refuse(codeBad, "digest: expected %s and 44 characters of base64, found %.64q", digestPrefix, digest)
	}
	return nil
}

// digestBytes is the length of a digest.
const digestBytes = len(digestPrefix) + 44

// UploadRequest is a part of a model that is to be stored in the object store of [ModelBucket]. Parts come one after
// the other; all but offset and data are the same in all of them.
type UploadRequest struct {
	// Upload tells the parts of one model from those of others: 1 to 64 of A-Z, a-z, 0-9, - and _.
	Upload string `json:"upload"`
	Name   string `json:"name"` // of the object
	Size   int64  `json:"size"` // of the whole, in bytes
	// Digest is that of the whole, as object stores write it: SHA-256=, and base64.
	Digest string `json:"digest"`
	// Replace allows to replace another model of this name.
	Replace bool `json:"replace,omitempty"`

	Offset int64  `json:"offset"` // of the part in the whole, in bytes
	Data   []byte `json:"data"`   // at most [MaxPart]
}

// MaxPart bounds a part of a model, in bytes: in base64 it fits into the messages that a NATS server takes where
// nothing is said, 1 MiB.
const MaxPart = 512 << 10

// maxPartRequest bounds a request with a part, in bytes.
const maxPartRequest = MaxRequest + (MaxPart+2)/3*4

func parseUpload(data []byte) (UploadRequest, error) {
	r, err := parseWithin[UploadRequest](data, maxPartRequest)
	switch {
	case err != nil:
	case bus.CheckSensor(r.Upload) != nil: // of the same characters
		err = refuse(codeBad, "upload: expected 1 to %d of A-Z, a-z, 0-9, - and _, found %.64q", bus.MaxSensorName, r.Upload)
	case r.Size < 1 || r.Size > MaxModel:
		err = refuse(codeBad, "size: expected 1 to %d bytes, found %d", MaxModel, r.Size)
	case len(r.Data) == 0 || len(r.Data) > MaxPart:
		err = refuse(codeBad, "data: expected 1 to %d bytes, found %d", MaxPart, len(r.Data))
	case r.Offset < 0 || r.Offset > r.Size-int64(len(r.Data)):
		err = refuse(codeBad, "offset: expected 0 to %d for %d of %d bytes, found %d", max(0, r.Size-int64(len(r.Data))), len(r.Data), r.Size, r.Offset)
	}
	if err == nil {
		err = checkObject(r.Name)
	}
	if err == nil {
		err = checkDigest(r.Digest)
	}
	return r, err
}

// announced is what all parts of an upload have in common.
func (r *UploadRequest) announced() UploadRequest {
	return UploadRequest{Upload: r.Upload, Name: r.Name, Size: r.Size, Digest: r.Digest, Replace: r.Replace}
}

// same tells whether two parts are announced as of one model.
func (r *UploadRequest) same(o *UploadRequest) bool {
	return r.Name == o.Name && r.Size == o.Size && r.Digest == o.Digest && r.Replace == o.Replace
}

// PipelineRequest asks for another pipeline, by its name in the configuration: default is
// that of pipeline, and auto the one that the sensor's name chooses.
type PipelineRequest struct {
	Sensor   string `json:"sensor"`
	Pipeline string `json:"pipeline"`
}

func parsePipeline(data []byte) (PipelineRequest, error) {
	r, err := parse[PipelineRequest](data)
	if err == nil {
		err = checkSensor(r.Sensor)
	}
	if err == nil && bus.CheckSensor(r.Pipeline) != nil { // names are of the same characters
		err = refuse(codeBad, "pipeline: expected a pipeline's name, 1 to 64 of A-Z, a-z, 0-9, - and _, found %.64q", r.Pipeline)
	}
	return r, err
}

// parseNothing takes nothing at all, or an empty object.
func parseNothing(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 && len(data) <= MaxRequest {
		return nil
	}
	_, err := parse[struct{}](data)
	return err
}

func checkSensor(name string) error {
	if err := bus.CheckSensor(name); err != nil {
		return refuse(codeBad, "%v", err)
	}
	return nil
}

// refuse makes an error with a code.
func refuse(code, format string, args ...any) error {
	return &Error{Code: code, Description: fmt.Sprintf(format, args...)}
}
