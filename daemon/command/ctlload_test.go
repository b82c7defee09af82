package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
)

// modelFile writes a model of N-MNIST's size with so many neurons a bank, and random features.
func modelFile(t *testing.T, path string, neurons int) {
	t.Helper()
	m := &model.Model{Feast: feast.Default()}
	m.Feast.Neurons = neurons
	m.Weights = feast.RandomWeights(m.Feast)
	data, err := m.MarshalBinary()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, data, 0o600))
}

// An operator, who may publish to the daemon's control and to nothing of JetStream's, uploads a model of many parts
// and has it put in. A sensor's user and a viewer cannot, and none of what they try is stored.
func TestOperatorLoadsAModel(t *testing.T) {
	dir := t.TempDir()
	users := ""
	for name, role := range map[string]string{"admin": "full", "ops": "operator", "board": "viewer", "cam": "sensor, sensors: [cam]"} {
		users += "      - {user: " + name + ", password_file: " + keep(t, "secret of "+name) + ", role: " + role + "}\n"
	}
	d := start(t, "serve", "--config", keep(t, "nats:\n  embedded:\n    port: -1\n    data_dir: "+filepath.Join(dir, "state")+"\n    users:\n"+users))
	url := d.err.await(t, 1, `msg=started url=(\S+)`)[0][1]
	as := func(user string) []string {
		return []string{"--nats", url, "--user", user, "--password-file", keep(t, "secret of "+user)}
	}
	load := func(user string, args ...string) (code int, stdout, stderr string) {
		t.Helper()
		return run(t, append(append([]string{"ctl", "load", "cam"}, args...), as(user)...)...)
	}
	path := filepath.Join(dir, "large.model")
	modelFile(t, path, 3000)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(2*control.MaxPart), "several parts")

	// A sensor that is not there: nothing goes up.
	code, _, stderr := load("ops", path)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "cam: no such sensor")
	done(t, append([]string{"replay", recording(t, dir, "a.bin", 500), "--sensor", "cam", "--speed", "max"}, as("cam")...)...)
	for _, user := range []string{"board", "cam"} {
		code, _, stderr := load(user, path, "--reshape")
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "the NATS server refuses a subject")
	}
	nc, err := nats.Connect(url, nats.UserInfo("admin", "secret of admin"))
	require.NoError(t, err)
	defer nc.Close()
	js, err := nc.JetStream()
	require.NoError(t, err)
	_, err = js.StreamInfo("OBJ_saccade-models")
	require.ErrorIs(t, err, nats.ErrStreamNotFound)
	// Nor do they come past the client: the server lets nothing through.
	var s control.Inspected
	require.NoError(t, json.Unmarshal([]byte(done(t, append([]string{"ctl", "show", "cam", "--json"}, as("ops")...)...)), &s))
	for _, user := range []string{"board", "cam"} {
		nc, err := nats.Connect(url, nats.UserInfo(user, "secret of "+user), nats.CustomInboxPrefix("_INBOX."+user))
		require.NoError(t, err)
		_, err = nc.Request("saccade.control.upload."+s.Instance, []byte("{}"), 100*time.Millisecond)
		require.Error(t, err)
		require.NoError(t, nc.Flush())
		require.ErrorIs(t, nc.LastError(), nats.ErrPermissionViolation)
		nc.Close()
	}

	code, stdout, stderr := load("ops", path, "--reshape")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "now:      34x34 pixels, 1 layer, 6,000 features, no labels, SHA-256=")
	bucket, err := js.StreamInfo("OBJ_saccade-models")
	require.NoError(t, err)
	require.EqualValues(t, control.MaxModels, bucket.Config.MaxBytes)

	// What is there stays there, unless it is to be replaced.
	modelFile(t, path, 2999)
	code, _, stderr = load("ops", path, "--reshape")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "uploading large.model: object large.model of bucket saccade-models is there already, and another one: \"SHA-256=")
	code, stdout, stderr = load("ops", path, "--reshape", "--replace")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "5,998 features")
	for args, want := range map[[3]string]string{
		{path, "--bucket", "other"}:              "--bucket: expected none with a model file",
		{"--object", "large.model", "--replace"}: "--replace: expected a model file",
	} {
		code, _, stderr = load("ops", args[:]...)
		require.Equal(t, 2, code)
		require.Contains(t, stderr, want)
	}
	d.stop()
	require.Zero(t, d.wait(t), d.err.String())
}

// Without JetStream a model is not uploaded, and it is said why.
func TestLoadWithoutJetStream(t *testing.T) {
	dir := t.TempDir()
	d := start(t, "serve", "--config", keep(t, "nats: {embedded: {port: -1, jetstream: false}}\n"))
	url := d.err.await(t, 1, `msg=started url=(\S+)`)[0][1]
	done(t, "replay", recording(t, dir, "a.bin", 500), "--sensor", "cam", "--nats", url, "--speed", "max")
	path := filepath.Join(dir, "m")
	modelFile(t, path, 16)
	code, _, stderr := run(t, "ctl", "load", "cam", path, "--nats", url)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "saccade: uploading m: the server has no JetStream, and so no objects\n")
	d.stop()
	require.Zero(t, d.wait(t), d.err.String())
}
