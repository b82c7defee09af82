package deploy_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// rules are a file of rules, as Prometheus has them:
// https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/.
type rules struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	} `yaml:"groups"`
}

type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// decode reads YAML in which no field is unknown.
func decode(t testing.TB, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalWithOptions(data, into, yaml.Strict()), file)
}

var (
	duration = regexp.MustCompile(`^(?:[0-9]+(?:ms|[smhdwy]))+$`)
	template = regexp.MustCompile(`{{(.*?)}}`)
	ofLabel  = regexp.MustCompile(`^ \$labels\.([a-z_]+) $`)
	ofValue  = regexp.MustCompile(`^ \$value (?:\| humani[z]e(?:Duration|Percentage)? )?$`)
)

// Every rule's expression is one, over metrics that the daemon has; its texts use labels that its series have, and it says
// how bad it is. The worst that can be has a rule.
func TestAlerts(t *testing.T) {
	k := scraped(t)
	var file rules
	decode(t, "prometheus/alerts.yml", &file)
	seen, used := map[string]bool{}, map[string]bool{}
	for _, g := range file.Groups {
		require.Regexp(t, `^saccade-[a-z]+$`, g.Name)
		for _, r := range g.Rules {
			require.Regexp(t, `^Saccade[A-Z][A-Za-z]+$`, r.Alert)
			require.False(t, seen[r.Alert], r.Alert)
			seen[r.Alert] = true
			v, metrics, err := check(k, r.Expr)
			require.NoError(t, err, r.Alert)
			require.Equal(t, vector, v.kind)
			for _, m := range metrics {
				used[m] = true
			}
			if r.For != "" {
				require.Regexp(t, duration, r.For)
			}
			require.Len(t, r.Labels, 1)
			require.Contains(t, []string{"critical", "warning", "info"}, r.Labels["severity"], r.Alert)
			require.Len(t, r.Annotations, 2)
			for _, name := range []string{"summary", "description"} {
				text := r.Annotations[name]
				require.NotEmpty(t, text, "%s: %s", r.Alert, name)
				for _, m := range template.FindAllStringSubmatch(text, -1) {
					if l := ofLabel.FindStringSubmatch(m[1]); l != nil {
						require.True(t, v.labels[l[1]], "%s: %s: its series have no label %s", r.Alert, name, l[1])
						continue
					}
					require.Regexp(t, ofValue, m[1], r.Alert)
				}
				rest := template.ReplaceAllString(text, "")
				require.False(t, strings.ContainsAny(rest, "{}$"), rest)
			}
		}
	}
	for _, m := range []string{
		"up", "saccade_ready", "saccade_stalled_sensors", "saccade_last_message_timestamp_seconds", "saccade_missing_messages_total",
		"saccade_rejects_total", "saccade_queue_messages", "saccade_queue_bytes", "saccade_checkpoint_timestamp_seconds",
		"saccade_drifting", "saccade_device_failures_total", "saccade_broken", "saccade_refused_messages_total",
	} {
		require.True(t, used[m], "no rule looks at %s", m)
	}
	require.Greater(t, len(seen), 15)
}

// Where promtool is on the path, it takes the rules, and they fire and stay silent as the tests beside them say.
func TestAlertsWithPromtool(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool: the rules were checked without it")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		c := exec.CommandContext(t.Context(), tool, args...)
		c.Dir = "prometheus"
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// Every rule has a test for promtool in which it fires.
func TestAlertsHaveTests(t *testing.T) {
	var file rules
	decode(t, "prometheus/alerts.yml", &file)
	data, err := os.ReadFile("prometheus/alerts_test.yml")
	require.NoError(t, err)
	lines := strings.Split(string(data), "\n")
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			require.True(t, slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, `ALERTS{alertname="`+r.Alert+`"`) }), "no test of %s", r.Alert)
		}
	}
}
