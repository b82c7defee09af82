package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/daemon/bus"
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
