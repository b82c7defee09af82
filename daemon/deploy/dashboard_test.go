package deploy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dashboard is what is looked at of Grafana's model of one:
// https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/.
type dashboard struct {
	Title, UID    string
	SchemaVersion int
	Panels        []struct {
		ID                       int
		Type, Title, Description string
		GridPos                  struct{ X, Y, W, H int }
		Datasource               dataSource
		FieldConfig              struct{ Defaults struct{ Unit string } }
		Targets                  []struct {
			Expr, LegendFormat, RefID string
			Datasource                dataSource
		}
	}
	Templating struct {
		List []struct {
			Name, Type, Definition string
		}
	}
}

type dataSource struct{ Type, UID string }

// grafanas stand for what Grafana puts in the place of its variables.
var grafanas = strings.NewReplacer("$__rate_interval", "1m", `"$job"`, `".*"`, `"$instance"`, `".*"`, `"$sensor"`, `".*"`)

var valuesOf = regexp.MustCompile(`^label_values\((.*), ([a-z_]+)\)$`)

// The dashboard is whole: its panels have room, each says what it shows and in what unit, and every expression is one, over
// metrics that the daemon has, with the labels that its legends and variables name.
func TestDashboard(t *testing.T) {
	data, err := os.ReadFile("grafana/saccade.json")
	require.NoError(t, err)
	var d dashboard
	require.NoError(t, json.NewDecoder(bytes.NewReader(data)).Decode(&d))
	require.Equal(t, "saccade", d.UID)
	require.Positive(t, d.SchemaVersion)
	k := scraped(t)

	variables := map[string]bool{}
	for _, v := range d.Templating.List {
		variables[v.Name] = true
		if v.Type != "query" {
			continue
		}
		m := valuesOf.FindStringSubmatch(v.Definition)
		require.NotNil(t, m, v.Definition)
		of, _, err := check(k, grafanas.Replace(m[1]))
		require.NoError(t, err)
		require.True(t, of.labels[m[2]], "%s has no label %s", m[1], m[2])
	}
	require.Equal(t, map[string]bool{"datasource": true, "job": true, "instance": true, "sensor": true}, variables)

	var taken [200][24]int
	ids, used := map[int]bool{}, map[string]bool{}
	for _, p := range d.Panels {
		require.NotEmpty(t, p.Title)
		require.False(t, ids[p.ID], "panel %d twice", p.ID)
		ids[p.ID] = true
		for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				require.Zero(t, taken[y][x], "%s lies over another panel", p.Title)
				taken[y][x] = p.ID
			}
		}
		if p.Type == "row" {
			continue
		}
		require.NotEmpty(t, p.Description, p.Title)
		require.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
		require.Equal(t, dataSource{"prometheus", "${datasource}"}, p.Datasource)
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			require.Equal(t, p.Datasource, target.Datasource)
			v, metrics, err := check(k, grafanas.Replace(target.Expr))
			require.NoError(t, err, p.Title)
			require.Equal(t, vector, v.kind, p.Title)
			for _, m := range metrics {
				used[m] = true
			}
			for _, m := range template.FindAllStringSubmatch(target.LegendFormat, -1) {
				require.True(t, v.labels[m[1]], "%s: its series have no label %s", p.Title, m[1])
			}
			if len(p.Targets) == 1 && p.Type != "stat" {
				require.Contains(t, target.LegendFormat+target.Expr, "{", p.Title)
			}
		}
	}

	// What is not shown is left out on purpose.
	left := map[string]bool{
		"saccade_sensor_info": true, "saccade_max_sensors": true, "saccade_unlabelled_sensors": true, // for rules and joins
		"saccade_messages_total": true, "saccade_rejected_messages_total": true, // as events and as rejects by reason
		"saccade_layer_events": true, "saccade_last_change_layer_events": true, "saccade_layer_event_results_total": true,
		"saccade_misses_per_hit_ratio": true, "saccade_threshold_deviation_cosine": true, "saccade_threshold_change_cosine_per_event": true,
		"saccade_weight_change_ratio": true, "saccade_usage_variation_ratio": true, // more of learning than fits on a page
		"saccade_checkpoint_stream_sequence": true, "saccade_nats_received_messages_total": true, "saccade_nats_sent_messages_total": true,
	}
	for name := range k {
		if !strings.HasPrefix(name, "saccade_") || strings.HasPrefix(name, "saccade_network_") ||
			strings.HasSuffix(name, "_seconds_count") || strings.HasSuffix(name, "_seconds_sum") {
			continue
		}
		require.NotEqual(t, used[name], left[name], "%s is neither shown nor left out on purpose, or both", name)
	}
}
