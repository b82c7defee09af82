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
func parse[T any](data []byte) (T, error) {
	var r, none T
	if len(data) > MaxRequest {
		return none, refuse(codeBad, "expected a request of at most %d bytes, found %d", MaxRequest, len(data))
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
	printable := func(s string) bool {
		return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	}
	switch {
	case err != nil:
	case r.Name == "" || len(r.Name) > maxName || !printable(r.Name):
		err = refuse(codeBad, "name: expected 1 to %d bytes of printable text, found %.64q", maxName, r.Name)
	case len(r.Bucket) > maxName || strings.ContainsFunc(r.Bucket, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}):
		err = refuse(codeBad, "bucket: expected at most %d of A-Z, a-z, 0-9, - and _, found %.64q", maxName, r.Bucket)
	case r.Digest != "" && (!strings.HasPrefix(r.Digest, digestPrefix) || len(r.Digest) != digestBytes):
		err = refuse(codeBad, "digest: expected %s and 44 characters of base64, found %.64q", digestPrefix, r.Digest)
	}
	return r, err
}

// digestBytes is the length of a digest.
const digestBytes = len(digestPrefix) + 44

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
