package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/config"
)

// instructions are the lines of a container file, those that go on over several as one.
func instructions(t testing.TB, file string) (out [][2]string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range strings.SplitSeq(strings.ReplaceAll(string(data), "\\\n", " "), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, found := strings.Cut(line, " ")
		require.True(t, found, line)
		require.Contains(t, []string{
			"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD",
		}, name)
		out = append(out, [2]string{name, rest})
	}
	return out
}

// The image is built with the Go that the module asks for, holds a static program that is nobody's root, and runs the
// daemon with flags that it has.
func TestContainerfile(t *testing.T) {
	of := map[string][]string{}
	for _, i := range instructions(t, "container/Containerfile") {
		of[i[0]] = append(of[i[0]], i[1])
	}
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	require.NotNil(t, version)
	require.Equal(t, []string{"docker.io/library/golang:" + string(version[1]) + " AS build", "scratch"}, of["FROM"])
	require.Contains(t, strings.Join(of["RUN"], "\n"), "CGO_ENABLED=0 go build")
	require.Regexp(t, `^[1-9]\d*:[1-9]\d*$`, of["USER"][0])
	require.Contains(t, of["ENV"], "STATE_DIRECTORY="+of["VOLUME"][0])
	require.Contains(t, strings.Join(of["COPY"], "\n"), "--chown="+of["USER"][0]+" /out/state "+of["VOLUME"][0])
	var entry, args []string
	require.NoError(t, json.Unmarshal([]byte(of["ENTRYPOINT"][0]), &entry))
	require.NoError(t, json.Unmarshal([]byte(of["CMD"][0]), &args))
	require.Equal(t, []string{"/saccade"}, entry)
	runs(t, args)
}

// composition is what is looked at of https://compose-spec.io.
type composition struct {
	Name     string `yaml:"name"`
	Services map[string]struct {
		Image       string            `yaml:"image"`
		Build       map[string]string `yaml:"build"`
		Command     []string          `yaml:"command"`
		DependsOn   []string          `yaml:"depends_on"`
		Ports       []string          `yaml:"ports"`
		Volumes     []string          `yaml:"volumes"`
		Secrets     []string          `yaml:"secrets"`
		Environment map[string]string `yaml:"environment"`
		ReadOnly    bool              `yaml:"read_only"`
		CapDrop     []string          `yaml:"cap_drop"`
		SecurityOpt []string          `yaml:"security_opt"`
		Restart     string            `yaml:"restart"`
		Grace       string            `yaml:"stop_grace_period"`
	} `yaml:"services"`
	Secrets map[string]map[string]string `yaml:"secrets"`
	Volumes map[string]struct{}          `yaml:"volumes"`
}

// Everything that the composition mounts is there, nothing listens beyond the machine, and the daemon, Prometheus and
// Grafana find each other where they look.
func TestCompose(t *testing.T) {
	var c composition
	decode(t, "container/compose.yaml", &c)
	for name, s := range c.Services {
		for _, d := range s.DependsOn {
			require.Contains(t, c.Services, d)
		}
		for _, p := range s.Ports {
			require.True(t, strings.HasPrefix(p, "127.0.0.1:"), "%s listens beyond the machine: %s", name, p)
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if strings.HasPrefix(from, ".") {
				require.FileExists(t, filepath.Join("container", from))
				continue
			}
			require.Contains(t, c.Volumes, from)
		}
		for _, secret := range s.Secrets {
			require.Contains(t, c.Secrets, secret)
		}
	}
	s := c.Services["saccade"]
	require.FileExists(t, filepath.Join("container", s.Build["context"], s.Build["dockerfile"]))
	require.FileExists(t, filepath.Join("container", s.Build["context"], "go.mod"))
	require.True(t, s.ReadOnly)
	require.Equal(t, []string{"ALL"}, s.CapDrop)

	own, err := config.Load("container/saccade.yaml")
	require.NoError(t, err)
	require.Equal(t, "nats://nats:4222", own.NATS.URL)
	require.Contains(t, c.Services, "nats")
	require.Len(t, own.HTTP.Users, 1)
	require.Equal(t, "/run/secrets/metrics-password", own.HTTP.Users[0].PasswordFile)
	require.Contains(t, s.Secrets, "metrics-password")

	var p struct {
		Global  map[string]string `yaml:"global"`
		Rules   []string          `yaml:"rule_files"`
		Scrapes []struct {
			Job    string            `yaml:"job_name"`
			Auth   map[string]string `yaml:"basic_auth"`
			Static []struct {
				Targets []string `yaml:"targets"`
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	decode(t, "container/prometheus.yml", &p)
	require.Len(t, p.Scrapes, 1)
	require.Equal(t, "saccade", p.Scrapes[0].Job, "as the rules have it")
	require.Equal(t, own.HTTP.Users[0].User, p.Scrapes[0].Auth["username"])
	require.Equal(t, own.HTTP.Users[0].PasswordFile, p.Scrapes[0].Auth["password_file"])
	_, port, _ := strings.Cut(own.HTTP.Listen, ":")
	require.Equal(t, []string{"saccade:" + port}, p.Scrapes[0].Static[0].Targets)
	require.Contains(t, c.Services["prometheus"].Volumes, "../prometheus/alerts.yml:/etc/prometheus/"+p.Rules[0]+":ro")

	var g struct {
		Version int                 `yaml:"apiVersion"`
		Sources []map[string]string `yaml:"datasources"`
	}
	decode(t, "container/grafana.yml", &g)
	require.Equal(t, "http://prometheus:9090", g.Sources[0]["url"])
	var d struct {
		Version   int `yaml:"apiVersion"`
		Providers []struct {
			Name    string            `yaml:"name"`
			Type    string            `yaml:"type"`
			Options map[string]string `yaml:"options"`
		} `yaml:"providers"`
	}
	decode(t, "container/dashboards.yml", &d)
	require.Contains(t, c.Services["grafana"].Volumes, "../grafana/saccade.json:"+d.Providers[0].Options["path"]+"/saccade.json:ro")
}
