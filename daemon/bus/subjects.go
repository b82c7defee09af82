package bus

import (
	"fmt"
	"strings"
)

// Kind is what a subject carries, the last token of its name.
type Kind uint8

// The kinds of subjects. Events go in, all others come out; an owner is stored among a sensor's results
// where another daemon takes it over.
const (
	KindEvents Kind = iota
	KindFeatures
	KindLabels
	KindRejects
	KindStatus
	KindOwner
)

var kindNames = [...]string{"events", "features", "labels", "rejects", "status", "owner"}

// PanicKind is the panic for a Kind that is none.
const PanicKind = "bus: no such kind of subject"

// String is the token in the subject.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		panic(PanicKind)
	}
	return kindNames[k]
}

// Bounds of names, in bytes.
const (
	MaxSensorName = 64
	MaxPrefix     = 64
)

// DefaultPrefix begins every subject unless something else is configured.
const DefaultPrefix = "saccade"

// NoSensor stands for the sensor in the subject of a reject whose own subject holds
// no acceptable name. No sensor can have it.
const NoSensor = "_"

// CheckSensor tells what is wrong with a sensor's name, if anything.
func CheckSensor(name string) error {
	if name == NoSensor {
		return fmt.Errorf("sensor name: %q is reserved", name)
	}
	if name == "" || len(name) > MaxSensorName || !restricted(name) {
		return fmt.Errorf("sensor name: expected 1 to %d of A-Z, a-z, 0-9, - and _, found %s", MaxSensorName, quote(name))
	}
	return nil
}

// restricted tells whether s is a restricted term of ADR-6, as far as it goes.
func restricted(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// Subjects makes and reads the subjects under one prefix.
type Subjects struct {
	prefix string
}

// NewSubjects checks a prefix: one or more tokens of letters, digits, dashes and
// underscores, dots between.
func NewSubjects(prefix string) (Subjects, error) {
	ok := len(prefix) <= MaxPrefix
	for t := range strings.SplitSeq(prefix, ".") {
		ok = ok && t != "" && restricted(t)
	}
	if !ok {
		return Subjects{}, fmt.Errorf("subject prefix: expected 1 to %d of A-Z, a-z, 0-9, - and _, and dots between, found %s", MaxPrefix, quote(prefix))
	}
	return Subjects{prefix}, nil
}

// SensorSubjects are the subjects of one sensor, made once.
type SensorSubjects struct {
	Sensor                                    string
	Events, Features, Labels, Rejects, Status string
	Owner                                     string
	// All covers all of them.
	All string
}

// Sensor gives the subjects of a sensor.
func (s Subjects) Sensor(name string) (SensorSubjects, error) {
	if err := CheckSensor(name); err != nil {
		return SensorSubjects{}, err
	}
	return SensorSubjects{
		Sensor:   name,
		Events:   s.subject(name, KindEvents),
		Features: s.subject(name, KindFeatures),
		Labels:   s.subject(name, KindLabels),
		Rejects:  s.subject(name, KindRejects),
		Status:   s.subject(name, KindStatus),
		Owner:    s.subject(name, KindOwner),
		All:      s.prefix + "." + name + ".*",
	}, nil
}

// All is the subject to subscribe to for one kind from all sensors.
func (s Subjects) All(k Kind) string { return s.subject("*", k) }

// Unnamed is where rejects go that belong to no sensor: see NoSensor.
func (s Subjects) Unnamed() string { return s.subject(NoSensor, KindRejects) }

func (s Subjects) subject(sensor string, k Kind) string {
	return s.prefix + "." + sensor + "." + k.String()
}

// Parse takes a subject apart. The name it gives without an error is a valid sensor's.
func (s Subjects) Parse(subject string) (sensor string, k Kind, err error) {
	rest, ok := strings.CutPrefix(subject, s.prefix+".")
	sensor, kind, cut := strings.Cut(rest, ".")
	if ok && cut {
		for i, name := range kindNames {
			if kind == name {
				return sensor, Kind(i), CheckSensor(sensor)
			}
		}
	}
	return "", 0, fmt.Errorf("subject: expected %s.SENSOR.{%s}, found %s", s.prefix, strings.Join(kindNames[:], ","), quote(subject))
}
