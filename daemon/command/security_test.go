package command_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// external runs a NATS server of somebody else's, with JetStream.
func external(t *testing.T, o *server.Options) string {
	t.Helper()
	o.Host, o.Port, o.NoLog, o.NoSigs = "127.0.0.1", -1, true, true
	o.JetStream, o.StoreDir = true, t.TempDir()
	ns, err := server.NewServer(o)
	require.NoError(t, err)
	ns.Start()
	t.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	require.True(t, ns.ReadyForConnections(patience))
	return "nats://" + ns.Addr().String()
}

// story has a daemon serve by a configuration, a camera replay a recording and somebody watch it, each with flags of its
// own. It gives all that they printed.
func story(t *testing.T, config string, url, camera, viewer []string) string {
	t.Helper()
	d := start(t, "serve", "--config", keep(t, config+"log: {level: debug}\n"))
	d.err.await(t, 1, `msg=started`)
	w := start(t, append(append([]string{"watch", "--json", "--kinds", "features,labels"}, url...), viewer...)...)
	w.err.await(t, 1, `^watching `)
	r := start(t, append(append([]string{"replay", recording(t, t.TempDir(), "a.bin", 1000), "--speed", "max", "--json", "--sensor", "cam1"}, url...), camera...)...)
	require.Zero(t, r.wait(t), r.err.String())
	require.Equal(t, 1000.0, object(t, r.out.String())["events"])
	w.out.await(t, 1, `"kind":"features"`)
	w.stop()
	require.Zero(t, w.wait(t), w.err.String())
	d.stop()
	require.Zero(t, d.wait(t), d.err.String())
	return d.err.String() + d.out.String() + w.err.String() + w.out.String() + r.err.String() + r.out.String()
}

// userKey makes an NKEY, and the file of its seed.
func userKey(t *testing.T) (public, seed string) {
	t.Helper()
	pair, err := nkeys.CreateUser()
	require.NoError(t, err)
	public, err = pair.PublicKey()
	require.NoError(t, err)
	raw, err := pair.Seed()
	require.NoError(t, err)
	return public, string(raw)
}

// Every way that NATS has to be let in, and roles with each, for the daemon, a camera and a viewer; and nothing that
// is secret in what they print, at any level.
func TestCredentials(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.pair("server")
	serverTLS, err := server.GenTLSConfig(&server.TLSConfigOpts{CertFile: cert, KeyFile: key, CaFile: a.file, Verify: true})
	require.NoError(t, err)
	clientCert, clientKey := a.pair("client")
	permissions := func(g bus.Grant) *server.Permissions {
		g.Prefix = bus.DefaultPrefix
		p, err := g.Permissions()
		require.NoError(t, err)
		out := &server.Permissions{Publish: &server.SubjectPermission{Allow: p.Publish}, Subscribe: &server.SubjectPermission{Allow: p.Subscribe}}
		if len(p.Publish) == 0 { // which would be everything
			out.Publish = &server.SubjectPermission{Deny: []string{">"}}
		}
		return out
	}
	grants := map[string]bus.Grant{
		"saccade": {Role: bus.RoleDaemon}, "cam1": {Role: bus.RoleSensor, Sensors: []string{"cam1"}}, "board": {Role: bus.RoleViewer},
	}
	passwords, seeds, public := map[string]string{}, map[string]string{}, map[string]string{}
	var users []*server.User
	var keys []*server.NkeyUser
	var secrets []string
	for name, g := range grants {
		g.Inbox = bus.InboxOf(name)
		grants[name] = g
		passwords[name] = "sentinel-password-of-" + name
		public[name], seeds[name] = userKey(t)
		secrets = append(secrets, passwords[name], seeds[name])
		users = append(users, &server.User{Username: name, Password: passwords[name], Permissions: permissions(g)})
		keys = append(keys, &server.NkeyUser{Nkey: public[name], Permissions: permissions(g)})
	}

	t.Run("passwords", func(t *testing.T) {
		url := external(t, &server.Options{Users: users})
		flags := func(user string) []string {
			return []string{"--user", user, "--password-file", keep(t, passwords[user])}
		}
		printed := story(t, fmt.Sprintf("nats: {url: %q, user: saccade, password_file: %q}\n", url, keep(t, passwords["saccade"])),
			[]string{"--nats", url}, flags("cam1"), flags("board"))
		requireNone(t, secrets, printed)

		// What the server refuses is an error at once, and says what to do.
		code, _, stderr := run(t, append([]string{"watch", "--nats", url}, flags("cam1")...)...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "the NATS server refuses a subject: nats: permissions violation")
		rec := recording(t, t.TempDir(), "a.bin", 1000)
		code, _, stderr = run(t, append([]string{"replay", rec, "--nats", url, "--sensor", "cam2", "--speed", "max"}, flags("cam1")...)...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "refuses a subject")
		require.Contains(t, stderr, "saccade.cam2.events")
		code, _, stderr = run(t, append([]string{"replay", rec, "--nats", url, "--sensor", "cam1", "--inbox-prefix", "_INBOX"}, flags("cam1")...)...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "another inbox prefix with this user's permissions, such as _INBOX.USER")
		code, _, stderr = run(t, append([]string{"learning", "off", "--nats", url, "--sensor", "cam1"}, flags("board")...)...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "refuses a subject")
		code, _, stderr = run(t, "watch", "--nats", url, "--user", "board", "--password-file", keep(t, "sentinel wrong"))
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "refuses these credentials")
		requireNone(t, append(secrets, "sentinel"), stderr)
	})
	t.Run("nkeys and TLS with certificates on both sides", func(t *testing.T) {
		url := external(t, &server.Options{Nkeys: keys, TLS: true, TLSVerify: true, TLSConfig: serverTLS, TLSTimeout: 10})
		url = strings.Replace(url, "nats://", "tls://", 1)
		tls := []string{"--nats", url, "--tls-ca", a.file, "--tls-cert", clientCert, "--tls-key", clientKey}
		flags := func(user string) []string {
			return []string{"--nkey", keep(t, seeds[user]), "--inbox-prefix", bus.InboxOf(user)}
		}
		printed := story(t, fmt.Sprintf("nats: {url: %q, nkey: %q, inbox_prefix: _INBOX.saccade, tls: {ca: %q, cert: %q, key: %q}}\n",
			url, keep(t, seeds["saccade"]), a.file, clientCert, clientKey), tls, flags("cam1"), flags("board"))
		keyText, err := os.ReadFile(clientKey)
		require.NoError(t, err)
		requireNone(t, append(secrets, strings.Split(string(keyText), "\n")[1]), printed)
		code, _, stderr := run(t, "watch", "--nats", url, "--nkey", keep(t, seeds["board"]), "--tls-ca", a.file)
		require.Equal(t, 1, code, "without a certificate of its own")
		requireNone(t, secrets, stderr)
		code, _, stderr = run(t, append([]string{"watch", "--nats", url, "--tls-cert", clientCert, "--tls-key", clientKey}, flags("board")...)...)
		require.Equal(t, 1, code, "a server that nobody vouches for")
		require.Contains(t, stderr, "certificate")
	})
	t.Run("JWTs in credentials, and contexts", func(t *testing.T) {
		operator, err := nkeys.CreateOperator()
		require.NoError(t, err)
		operatorKey, err := operator.PublicKey()
		require.NoError(t, err)
		resolver := &server.MemAccResolver{}
		newAccount := func() (nkeys.KeyPair, string) {
			pair, err := nkeys.CreateAccount()
			require.NoError(t, err)
			id, err := pair.PublicKey()
			require.NoError(t, err)
			claims := jwt.NewAccountClaims(id)
			if len(secrets) > 0 {
				claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
			}
			token, err := claims.Encode(operator)
			require.NoError(t, err)
			require.NoError(t, resolver.Store(id, token))
			return pair, id
		}
		account, _ := newAccount()
		all := secrets
		secrets = nil // an account of the system has no JetStream
		_, system := newAccount()
		secrets = all
		url := external(t, &server.Options{TrustedKeys: []string{operatorKey}, AccountResolver: resolver, SystemAccount: system})
		creds := func(user string) string {
			claims := jwt.NewUserClaims(public[user])
			p, err := bus.Grant{Role: grants[user].Role, Sensors: grants[user].Sensors, Inbox: grants[user].Inbox, Prefix: bus.DefaultPrefix}.Permissions()
			require.NoError(t, err)
			claims.Pub.Allow.Add(p.Publish...)
			if len(p.Publish) == 0 {
				claims.Pub.Deny.Add(">")
			}
			claims.Sub.Allow.Add(p.Subscribe...)
			token, err := claims.Encode(account)
			require.NoError(t, err)
			file, err := jwt.FormatUserConfig(token, []byte(seeds[user]))
			require.NoError(t, err)
			return keep(t, string(file))
		}
		config := t.TempDir()
		t.Setenv("XDG_CONFIG_HOME", config)
		dir := filepath.Join(config, "nats", "context")
		require.NoError(t, os.MkdirAll(dir, 0o700))
		for _, user := range []string{"board", "saccade"} {
			data, err := json.Marshal(map[string]string{"url": url, "creds": creds(user), "inbox_prefix": bus.InboxOf(user)})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, user+".json"), data, 0o600))
		}
		printed := story(t, "nats: {context: saccade}\n", nil,
			[]string{"--nats", url, "--creds", creds("cam1"), "--inbox-prefix", "_INBOX.cam1"}, []string{"--context", "board"})
		requireNone(t, secrets, printed)
		printed = story(t, fmt.Sprintf("nats: {url: %q, creds: %q, inbox_prefix: _INBOX.saccade}\n", url, creds("saccade")), nil,
			[]string{"--nats", url, "--creds", creds("cam1"), "--inbox-prefix", "_INBOX.cam1"}, []string{"--context", "board"})
		requireNone(t, secrets, printed)
	})
}

// requireNone demands that nothing secret was printed.
func requireNone(t *testing.T, secrets []string, printed string) {
	t.Helper()
	require.NotEmpty(t, printed)
	for _, s := range secrets {
		require.NotContains(t, printed, s)
	}
}

// The embedded server with TLS and roles, as a user sets it up; and nothing secret in what serve and config print, nor in
// the words with which they refuse a configuration.
func TestEmbeddedServerForOthers(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.pair("server")
	secrets := map[string]string{}
	for _, user := range []string{"cam1", "board", "metrics"} {
		secrets[user] = "sentinel-password-of-" + user
	}
	config := fmt.Sprintf(`nats:
  embedded:
    port: -1
    data_dir: %q
    tls: {cert: %q, key: %q}
    users:
      - {user: cam1, password_file: %q, role: sensor, sensors: [cam1]}
      - {user: board, password_file: %q, role: viewer}
http: {listen: "127.0.0.1:0", users: [{user: metrics, password_file: %q}]}
log: {level: debug}
`, t.TempDir(), cert, key, keep(t, secrets["cam1"]), keep(t, secrets["board"]), keep(t, secrets["metrics"]))
	file := keep(t, config)
	d := start(t, "serve", "--config", file)
	url := d.err.await(t, 1, `msg=started url=(\S+)`)[0][1]
	require.True(t, strings.HasPrefix(url, "tls://127.0.0.1:"), url)
	with := func(user string, args ...string) []string {
		return append(args, "--nats", url, "--tls-ca", a.file, "--user", user, "--password-file", keep(t, secrets[user]))
	}
	w := start(t, with("board", "watch", "--json", "--kinds", "features")...)
	w.err.await(t, 1, `^watching `)
	rec := recording(t, t.TempDir(), "a.bin", 1000)
	r := start(t, with("cam1", "replay", rec, "--speed", "max", "--sensor", "cam1", "--json")...)
	require.Zero(t, r.wait(t), r.err.String())
	w.out.await(t, 1, `"kind":"features"`)
	w.stop()
	require.Zero(t, w.wait(t))
	code, _, stderr := run(t, with("cam1", "watch")...)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "refuses a subject")
	code, _, wrong := run(t, "watch", "--nats", url, "--tls-ca", a.file, "--user", "board", "--password-file", keep(t, "sentinel-wrong"))
	require.Equal(t, 1, code)
	code, _, plain := run(t, "watch", "--nats", strings.Replace(url, "tls://", "nats://", 1), "--user", "board", "--password-file", keep(t, secrets["board"]))
	require.Equal(t, 1, code, "a server that nobody vouches for")
	d.stop()
	require.Zero(t, d.wait(t), d.err.String())
	printed := done(t, "config", "print", file) + done(t, "config", "check", file) + done(t, "config", "permissions", file)
	require.Contains(t, printed, `- {user: cam1, password_file: `)
	require.Contains(t, printed, `publish: ["saccade.cam1.events"]`)
	everything := d.err.String() + d.out.String() + w.err.String() + r.err.String() + r.out.String() + stderr + wrong + plain + printed

	// Configurations that hold what they must not, or that are wrong beside a secret.
	for _, text := range []string{
		"nats: {url: \"nats://user:sentinel-in-url@h\"}",
		"nats: {url: \"tls://sentinel-token@h:4222,nats://b\"}",
		"nats: {embedded: {users: [{user: a, password: sentinel-in-file}]}}",
		"nats: {embedded: {host: 0.0.0.0, users: [{user: a, password_file: " + keep(t, "sentinel-in-refused") + "}]}}",
	} {
		for _, args := range [][]string{{"serve", "--config"}, {"config", "check"}, {"config", "print"}, {"config", "permissions"}} {
			code, stdout, stderr := run(t, append(args, keep(t, text))...)
			require.NotZero(t, code)
			require.NotEmpty(t, stderr)
			everything += stdout + stderr
		}
	}
	for _, u := range []string{"nats://user:sentinel-in-flag@127.0.0.1:1", "nats://sentinel-token@127.0.0.1:1", "nats://a:sentinel@b:c:d"} {
		for _, args := range [][]string{{"serve"}, {"watch"}, {"replay", rec}, {"learning", "on", "--sensor", "a"}} {
			code, stdout, stderr := run(t, append(args, "--nats", u)...)
			require.NotZero(t, code)
			everything += stdout + stderr
		}
	}
	require.NotContains(t, everything, "sentinel", "something secret was printed")
	require.NotContains(t, everything, "PRIVATE KEY")
}

// The permissions that are written for servers of others are those of the file's users, and of an example without any.
func TestConfigPermissions(t *testing.T) {
	example := done(t, "config", "permissions")
	require.Contains(t, example, `user: "saccade", password: $SACCADE_PASSWORD`)
	require.Contains(t, example, `publish: ["saccade.cam1.events"]`)
	file := keep(t, "nats: {prefix: site.a, embedded: {users: [{user: x, password_file: f, role: sensor, sensors: [\"*\"]}, {user: y, password_file: f}]}}")
	nsc := done(t, "config", "permissions", file, "--format", "nsc", "--account", "B", "--daemon", "d")
	require.Contains(t, nsc, "nsc add user --account B --name d \\\n")
	require.Contains(t, nsc, "--name x \\\n  --allow-pub 'site.a.*.events' \\\n  --allow-sub '_INBOX.x.>,site.a.*.replay.*' \\\n  --allow-pub-response=1 --response-ttl 1m\n")
	require.Contains(t, nsc, "--name y\n")
	code, _, stderr := run(t, "config", "permissions", file, "--daemon", "x")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "expected another name than that of a user in the file")
}
