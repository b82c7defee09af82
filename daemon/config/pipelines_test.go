package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The first pipeline with a pattern of the sensor's name is taken, and the default for all others.
func TestPipelineFor(t *testing.T) {
	c, err := Parse([]byte(`
pipelines:
  - name: gates
    sensors: [gate-?, "*-gate"]
    pipeline:
      feast: {neurons: 4}
      layers:
        - {neurons: 3, radius: 1}
  - {name: rest, sensors: ["gate*"], pipeline: {labels: {every: 20ms}}}
pipeline:
  feast: {neurons: 8}
`), "c.yaml")
	require.NoError(t, err)
	require.Equal(t, []string{"default", "gates", "rest"}, c.PipelineNames())
	for sensor, want := range map[string]string{"gate-1": "gates", "north-gate": "gates", "gate-10": "rest", "door": "default"} {
		name, p := c.PipelineFor(sensor)
		require.Equal(t, want, name, sensor)
		switch want {
		case "gates":
			require.Equal(t, 4, p.FEAST.Neurons)
			require.Equal(t, []Layer{{Neurons: 3, Radius: 1}}, p.Layers)
			require.Equal(t, Default().Pipeline.Outputs, p.Outputs, "what is left out has its default")
		case "rest":
			require.Equal(t, 16, p.FEAST.Neurons, "not what pipeline says")
			require.Equal(t, 20*time.Millisecond, p.Labels.Every)
		default:
			require.Equal(t, 8, p.FEAST.Neurons)
		}
	}
}

// A problem within a pipeline of a list says where in the file it is.
func TestPipelineProblems(t *testing.T) {
	_, err := Parse([]byte(`pipelines:
  - name: a
    sensors: [x]
    pipeline:
      feast:
        neurons: 0
        taus: 3ms
      labels: {mode: running}
  - {name: a, sensors: []}
  - {name: default, sensors: ["a.b"]}
`), "c.yaml")
	require.Error(t, err)
	for _, want := range []string{
		"c.yaml:6:18: pipelines[0].pipeline.feast.neurons: expected 1 to 4096, found 0",
		"c.yaml:7:9: pipelines[0].pipeline.feast.taus: expected a field that exists, found an unknown one (did you mean tau?)",
		`c.yaml:8:22: pipelines[0].pipeline.labels.mode: expected pipeline.labels.every`,
		`c.yaml:9:12: pipelines[1].name: expected every name once, found "a"`,
		"c.yaml:9:24: pipelines[1].sensors: expected at least one name or pattern, found an empty list",
		`c.yaml:10:12: pipelines[2].name: expected another name than default`,
		`c.yaml:10:31: pipelines[2].sensors[0]: expected 1 to 64 of`,
	} {
		require.ErrorContains(t, err, want)
	}
	many := Default()
	for i := range MaxPipelines + 1 {
		many.Pipelines = append(many.Pipelines, NamedPipeline{Name: fmt.Sprint("p", i), Sensors: []string{"*"}, Pipeline: many.Pipeline})
	}
	require.ErrorContains(t, many.Validate(), "pipelines: expected at most 16, found 17")
}

// What is printed of pipelines is read back the same, as many as there can be.
func TestPipelinesPrintedParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Default()
		c.Reload.KV = rapid.Bool().Draw(t, "kv")
		for i := range rapid.IntRange(0, MaxPipelines).Draw(t, "pipelines") {
			n := NamedPipeline{
				Name:     fmt.Sprint("p", i),
				Sensors:  rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9*?_-]{1,20}`), 1, 4).Draw(t, "sensors"),
				Pipeline: drawConfig(t).Pipeline,
			}
			c.Pipelines = append(c.Pipelines, n)
		}
		require.NoError(t, c.Validate())
		again, err := Parse([]byte(printed(t, c)), "printed")
		require.NoError(t, err)
		require.Equal(t, c, again)
		require.Empty(t, Diff(c, again))
	})
}

// Every field that differs is named once, with both values.
func TestDiff(t *testing.T) {
	a, b := Default(), Default()
	require.Empty(t, Diff(a, b))
	b.NATS.URL = "nats://user:secret@h:1"
	b.Pipeline.FEAST.Tau = time.Second
	b.Ingest.Sensors.Accept = []string{"cam*", "gate"}
	b.Pipelines = []NamedPipeline{{Name: "a", Sensors: []string{"*"}, Pipeline: b.Pipeline}}
	diff := Diff(a, b)
	var lines []string
	changeable := 0
	for _, d := range diff {
		lines = append(lines, d.String())
		if Reloadable(d.Path) {
			changeable++
		}
	}
	require.Equal(t, []string{
		`nats.url: "" -> nats://***@h:1`,
		`ingest.sensors.accept: ["*"] -> ["cam*", gate]`,
		`pipeline.feast.tau: 20ms -> 1s`,
		`pipelines[0]: none -> {name: a, ...}`,
	}, quoted(lines))
	require.Equal(t, 3, changeable)
	c := b
	c.Pipelines = []NamedPipeline{b.Pipelines[0], {Name: "b", Sensors: []string{"*"}, Pipeline: b.Pipeline}}
	c.Pipelines[0].Sensors = []string{strings.Repeat("x", 64), strings.Repeat("y", 64), strings.Repeat("z", 64), "w", "v", "u", "t"}
	diff = Diff(b, c)
	require.Len(t, diff, 2)
	require.Equal(t, "pipelines[0].sensors", diff[0].Path)
	require.LessOrEqual(t, len(diff[0].After), maxValue+3)
	require.Equal(t, Difference{"pipelines[1]", none, "{name: b, ...}"}, diff[1])
	require.Equal(t, Difference{"pipelines[1]", "{name: b, ...}", none}, Diff(c, b)[1])
	for _, path := range []string{"pipelined", "ingest.sensors.max", "nats.pipeline", "log.level", "reload.kv"} {
		require.False(t, Reloadable(path), path)
	}
}

// quoted leaves the quotes that an address needs in YAML out.
func quoted(lines []string) []string {
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(l, `"nats://***@h:1"`, "nats://***@h:1")
	}
	return lines
}

// What a file leaves out is as in the configuration below it.
func TestOver(t *testing.T) {
	base := Default()
	base.NATS.Prefix = "lab"
	base.Ingest.Sensors.Accept = []string{"a", "b"}
	base.Pipeline.FEAST.Neurons = 5
	c, err := Over(base, []byte("pipeline: {feast: {tau: 5ms}}\n"), "kv")
	require.NoError(t, err)
	require.Equal(t, []string{"pipeline.feast.tau: 20ms -> 5ms"}, []string{Diff(base, c)[0].String()})
	require.Len(t, Diff(base, c), 1)
	c, err = Over(base, []byte("ingest: {sensors: {accept: [c]}}\n"), "kv")
	require.NoError(t, err)
	require.Equal(t, []string{"c"}, c.Ingest.Sensors.Accept)
	require.Equal(t, []string{"a", "b"}, base.Ingest.Sensors.Accept)
	_, err = Over(base, []byte("pipeline: {feast: {neurons: 0}}\n"), "kv")
	require.ErrorContains(t, err, "kv:1:29: pipeline.feast.neurons: expected 1 to 4096")
	c, err = Over(base, nil, "kv")
	require.NoError(t, err)
	require.Equal(t, base, c)
}
