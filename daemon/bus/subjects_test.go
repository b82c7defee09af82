package bus

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSubjects(t *testing.T) {
	s, err := NewSubjects("lab.saccade")
	require.NoError(t, err)
	names, err := s.Sensor("cam-1")
	require.NoError(t, err)
	require.Equal(t, SensorSubjects{
		Sensor:   "cam-1",
		Events:   "lab.saccade.cam-1.events",
		Features: "lab.saccade.cam-1.features",
		Labels:   "lab.saccade.cam-1.labels",
		Rejects:  "lab.saccade.cam-1.rejects",
		Status:   "lab.saccade.cam-1.status",
		Owner:    "lab.saccade.cam-1.owner",
		All:      "lab.saccade.cam-1.*",
	}, names)
	require.Equal(t, "lab.saccade.*.events", s.All(KindEvents))
	require.Equal(t, "lab.saccade._.rejects", s.Unnamed())
	require.PanicsWithValue(t, PanicKind, func() { _ = s.All(Kind(6)) })
}

func TestPrefixes(t *testing.T) {
	for _, good := range []string{DefaultPrefix, "a", "A-b_9.c", strings.Repeat("a", 64)} {
		_, err := NewSubjects(good)
		require.NoError(t, err, good)
	}
	for _, bad := range []string{"", ".", "a.", ".a", "a..b", "a b", "*", ">", "a.>", "$SYS", "ü", strings.Repeat("a", 65)} {
		_, err := NewSubjects(bad)
		require.ErrorContains(t, err, "subject prefix: expected 1 to 64 of", bad)
	}
}

func TestCheckSensor(t *testing.T) {
	for _, good := range []string{"a", "Cam-1_b", "0", "__", strings.Repeat("x", 64)} {
		require.NoError(t, CheckSensor(good), good)
	}
	for _, bad := range []string{"", "a.b", "a b", "a*", ">", "a/b", "a=", "é", "a\n", strings.Repeat("x", 65)} {
		require.ErrorContains(t, CheckSensor(bad), "sensor name: expected 1 to 64 of", bad)
		s, err := NewSubjects("p")
		require.NoError(t, err)
		_, err = s.Sensor(bad)
		require.Error(t, err)
	}
	require.EqualError(t, CheckSensor(NoSensor), `sensor name: "_" is reserved`)
}

func TestParseSubject(t *testing.T) {
	s, err := NewSubjects("p.q")
	require.NoError(t, err)
	for _, bad := range []string{
		"", "p", "p.q", "p.q.", "p.q.a", "p.q.a.", "p.q.a.event", "p.q.a.b.events", "p.q..events", "p.q.a.events.", "q.a.events",
		"p.qa.events", "P.q.a.events", "p.q.*.events", "p.q._.rejects", "p.q.a.>",
	} {
		_, _, err := s.Parse(bad)
		require.Error(t, err, bad)
	}
	_, _, err = s.Parse("x.y.events")
	require.EqualError(t, err, `subject: expected p.q.SENSOR.{events,features,labels,rejects,status,owner}, found "x.y.events"`)

	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`[A-Za-z0-9_-]{1,10}(\.[A-Za-z0-9_-]{1,10}){0,2}`).Draw(t, "prefix")
		name := rapid.StringMatching(`[A-Za-z0-9_-]{2,64}`).Draw(t, "sensor")
		s, err := NewSubjects(prefix)
		require.NoError(t, err)
		subjects, err := s.Sensor(name)
		require.NoError(t, err)
		for k, subject := range map[Kind]string{
			KindEvents: subjects.Events, KindFeatures: subjects.Features, KindLabels: subjects.Labels,
			KindRejects: subjects.Rejects, KindStatus: subjects.Status,
		} {
			sensor, kind, err := s.Parse(subject)
			require.NoError(t, err)
			require.Equal(t, name, sensor)
			require.Equal(t, k, kind)
		}
	})
}

func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"saccade.a.events", "saccade..events", "saccade.*.labels", "saccade.a.b.c", "", "saccade._.rejects"} {
		f.Add(s)
	}
	s, err := NewSubjects(DefaultPrefix)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, subject string) {
		sensor, kind, err := s.Parse(subject)
		if err == nil {
			require.NoError(t, CheckSensor(sensor))
			require.Equal(t, subject, DefaultPrefix+"."+sensor+"."+kind.String())
		}
	})
}
