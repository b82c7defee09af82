package bus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/require"
)

// documented are the users of the document.
var documented = []NamedGrant{
	{"admin", Grant{Role: RoleFull, Prefix: DefaultPrefix}},
	{"saccade", Grant{Role: RoleDaemon, Prefix: DefaultPrefix}},
	{"cam1", Grant{Role: RoleSensor, Prefix: DefaultPrefix, Sensors: []string{"cam1"}}},
	{"gate", Grant{Role: RoleSensor, Prefix: DefaultPrefix, Sensors: []string{"cam2", "cam3"}}},
	{"board", Grant{Role: RoleViewer, Prefix: DefaultPrefix}},
	{"shop", Grant{Role: RoleViewer, Prefix: DefaultPrefix, Sensors: []string{"cam1"}}},
	{"ops", Grant{Role: RoleOperator, Prefix: DefaultPrefix}},
}

// allowed is what each user can publish and subscribe to of everything that is tried. It is written
// by hand, so that a change of the table is seen.
var allowed = map[string]map[string]string{
	"publish": {
		"saccade.cam1.events":             "admin cam1",
		"saccade.cam2.events":             "admin gate",
		"saccade.cam3.events":             "admin gate",
		"saccade.cam4.events":             "admin",
		"saccade.cam1.features":           "admin saccade",
		"saccade.cam1.labels":             "admin saccade",
		"saccade.cam1.rejects":            "admin saccade",
		"saccade.cam1.status":             "admin saccade",
		"saccade.cam1.owner":              "admin saccade",
		"saccade._.rejects":               "admin saccade",
		"saccade.control.sensors":         "admin ops",
		"saccade.control.history":         "admin ops",
		"saccade.control.learning":        "admin ops",
		"saccade.control.model":           "admin ops",
		"saccade.control.upload.x":        "admin ops",
		"$O.saccade-models.M.x":           "admin saccade",
		"$O.saccade-models.C.x":           "admin saccade",
		"saccade.cam1.replay.pause":       "admin ops",
		"saccade.control.replay.pause":    "admin ops",
		"other.cam1.replay.pause":         "admin",
		"other.cam1.events":               "admin",
		"_INBOX.cam1.x":                   "admin saccade",
		"_INBOX.board.x":                  "admin saccade",
		"$JS.API.STREAM.NAMES":            "admin saccade",
		"$JS.API.STREAM.DELETE.anything":  "admin saccade",
		"$JS.API.CONSUMER.CREATE.s":       "admin saccade",
		"$O.saccade-state.M.x":            "admin saccade",
		"$KV.saccade.x":                   "admin saccade",
		"$SRV.PING":                       "admin ops",
		"$SYS.REQ.SERVER.PING":            "admin", // of its own account, which is not the system's
		"saccade.cam1.events.and.further": "admin",
	},
	"subscribe": {
		">":                         "admin",
		"saccade.>":                 "admin",
		"saccade.*.*":               "admin",
		"saccade.*.events":          "admin saccade",
		"saccade.cam1.events":       "admin saccade",
		"saccade.*.features":        "admin board ops",
		"saccade.cam1.features":     "admin board shop ops",
		"saccade.cam1.status":       "admin board shop ops",
		"saccade.cam2.features":     "admin board ops",
		"saccade.*.rejects":         "admin board ops",
		"saccade.*.labels":          "admin board ops",
		"saccade.control.>":         "admin saccade",
		"_INBOX.>":                  "admin",
		"_INBOX.*":                  "admin",
		"_INBOX.cam1.>":             "admin cam1",
		"_INBOX.board.>":            "admin board",
		"_INBOX.saccade.>":          "admin saccade",
		"$SRV.>":                    "admin saccade",
		"$SRV.PING":                 "admin saccade",
		"saccade.cam1.replay.*":     "admin cam1",
		"saccade.cam2.replay.pause": "admin gate",
		"saccade.*.replay.*":        "admin",
		"$JS.>":                     "admin",
		"$SYS.>":                    "admin", // see above
	},
}

// connectAs connects as a user, who is let in by what dial gives.
type connectAs func(user string) ConnectOptions

// tryAll tries everything as every user.
func tryAll(t *testing.T, as connectAs) {
	ctx := testContext(t)
	admin := connect(t, as("admin"))
	for _, u := range documented {
		t.Run(u.User, func(t *testing.T) {
			nc := connect(t, as(u.User))
			require.True(t, strings.HasPrefix(nc.NewInbox(), "_INBOX."+u.User+"."), nc.NewInbox())
			for subject, users := range allowed["publish"] {
				want := strings.Contains(" "+users+" ", " "+u.User+" ")
				heard, err := admin.SubscribeSync(subject)
				require.NoError(t, err)
				require.NoError(t, Flush(ctx, admin))
				require.NoError(t, nc.Publish(subject, []byte("x")))
				require.NoError(t, Flush(ctx, nc))
				require.NoError(t, Flush(ctx, admin))
				n, _, err := heard.Pending()
				require.NoError(t, err)
				if !strings.HasPrefix(subject, "$JS.API") || !want { // the server itself takes those
					require.Equal(t, want, n > 0, "publishing to %s", subject)
				}
				require.NoError(t, heard.Unsubscribe())
			}
			for subject, users := range allowed["subscribe"] {
				// A connection of its own, as its last error stays.
				nc, err := Connect(ctx, as(u.User))
				require.NoError(t, err)
				sub, err := nc.SubscribeSync(subject)
				require.NoError(t, err)
				err = Subscribed(ctx, nc)
				want := strings.Contains(" "+users+" ", " "+u.User+" ")
				require.Equal(t, want, err == nil, "subscribing to %s: %v", subject, err)
				if err != nil {
					require.ErrorIs(t, err, nats.ErrPermissionViolation)
				}
				literal := strings.NewReplacer("*", "a", ">", "b").Replace(subject)
				require.NoError(t, admin.Publish(literal, nil))
				require.NoError(t, Flush(ctx, admin))
				require.NoError(t, Flush(ctx, nc))
				n, _, err := sub.Pending()
				require.NoError(t, err)
				if !strings.HasPrefix(subject, "$") {
					require.Equal(t, want, n > 0, "hearing %s", subject)
				} else if !want {
					require.Zero(t, n)
				}
				nc.Close()
			}
		})
	}
}

// durable tries what sensors and daemons do with JetStream, and sensors may not.
func durable(t *testing.T, as connectAs) {
	ctx := testContext(t)
	own, err := jetstream.New(connect(t, as("saccade")))
	require.NoError(t, err)
	stream, err := own.CreateStream(ctx, jetstream.StreamConfig{Name: "events", Subjects: []string{"saccade.*.events"}})
	require.NoError(t, err)
	cam := connect(t, as("cam1"))
	js, err := jetstream.New(cam)
	require.NoError(t, err)
	ack, err := js.Publish(ctx, "saccade.cam1.events", []byte("durable"))
	require.NoError(t, err)
	require.EqualValues(t, 1, ack.Sequence)
	short, cancel := contextFor(t)
	defer cancel()
	_, err = js.Publish(short, "saccade.cam2.events", []byte("not mine"))
	require.Error(t, err)
	require.Error(t, js.DeleteStream(short, "events"))
	require.ErrorIs(t, Refused(cam.LastError()), nats.ErrPermissionViolation)

	consumer, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{Durable: "saccade", AckPolicy: jetstream.AckExplicitPolicy})
	require.NoError(t, err)
	m, err := consumer.Next()
	require.NoError(t, err)
	require.Equal(t, "durable", string(m.Data()))
	require.NoError(t, m.DoubleAck(ctx))
	info, err := stream.Info(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, info.State.Msgs)
	objects, err := own.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: "saccade-state"})
	require.NoError(t, err)
	_, err = objects.PutBytes(ctx, "cam1", []byte("state"))
	require.NoError(t, err)
	values, err := own.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "saccade"})
	require.NoError(t, err)
	_, err = values.PutString(ctx, "k", "v")
	require.NoError(t, err)
}

// answers tries what a replay and an operator do with each other: the sensor's user answers what it is asked, once and to
// where the operator wants it, and cannot publish there otherwise.
func answers(t *testing.T, as connectAs) {
	ctx := testContext(t)
	cam, ops := connect(t, as("cam1")), connect(t, as("ops"))
	asked, err := cam.SubscribeSync("saccade.cam1.replay.*")
	require.NoError(t, err)
	require.NoError(t, Subscribed(ctx, cam))
	inbox := ops.NewInbox()
	heard, err := ops.SubscribeSync(inbox)
	require.NoError(t, err)
	require.NoError(t, Subscribed(ctx, ops))

	require.NoError(t, cam.Publish(inbox, []byte("unasked")))
	require.ErrorIs(t, Subscribed(ctx, cam), nats.ErrPermissionViolation)
	require.NoError(t, ops.PublishRequest("saccade.cam1.replay.status", inbox, nil))
	m, err := asked.NextMsgWithContext(ctx)
	require.NoError(t, err)
	require.Equal(t, inbox, m.Reply)
	require.NoError(t, m.Respond([]byte("answer")))
	require.NoError(t, m.Respond([]byte("another")))
	require.NoError(t, Flush(ctx, cam))
	require.NoError(t, Flush(ctx, ops))
	m, err = heard.NextMsgWithContext(ctx)
	require.NoError(t, err)
	require.Equal(t, "answer", string(m.Data))
	n, _, err := heard.Pending()
	require.NoError(t, err)
	require.Zero(t, n, "neither unasked nor twice")
}

// The embedded server's roles.
func TestRolesOfTheEmbeddedServer(t *testing.T) {
	o := ServerOptions{Port: -1, JetStream: true, DataDir: t.TempDir()}
	for _, u := range documented {
		o.Users = append(o.Users, User{Name: u.User, PasswordFile: writeFile(t, "secret-of-"+u.User), Role: u.Role, Sensors: u.Sensors})
	}
	s := startServer(t, o)
	as := func(user string) ConnectOptions {
		return ConnectOptions{URL: s.ClientURL(), User: user, PasswordFile: writeFile(t, "secret-of-"+user)}
	}
	tryAll(t, as)
	durable(t, as)
	answers(t, as)
}

// The configuration that the document gives for servers of others does the same.
func TestRolesOfADocumentedConfiguration(t *testing.T) {
	for _, u := range documented {
		t.Setenv(PasswordVariable(u.User), "secret-of-"+u.User)
	}
	var o server.Options
	require.NoError(t, o.ProcessConfigString(documentBlock(t, "nats.conf")))
	o.JetStream, o.StoreDir = true, t.TempDir()
	url := startNATS(t, &o)
	as := func(user string) ConnectOptions {
		return ConnectOptions{URL: url, User: user, PasswordFile: writeFile(t, "secret-of-"+user)}
	}
	tryAll(t, as)
	durable(t, as)
	answers(t, as)
}

// And so do JWTs with the subjects of the document's commands.
func TestRolesInJWTs(t *testing.T) {
	operator, err := nkeys.CreateOperator()
	require.NoError(t, err)
	operatorKey, err := operator.PublicKey()
	require.NoError(t, err)
	account, err := nkeys.CreateAccount()
	require.NoError(t, err)
	accountKey, err := account.PublicKey()
	require.NoError(t, err)
	system, err := nkeys.CreateAccount()
	require.NoError(t, err)
	systemKey, err := system.PublicKey()
	require.NoError(t, err)
	claims := jwt.NewAccountClaims(accountKey)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	resolver := &server.MemAccResolver{}
	for _, c := range []*jwt.AccountClaims{claims, jwt.NewAccountClaims(systemKey)} {
		token, err := c.Encode(operator)
		require.NoError(t, err)
		require.NoError(t, resolver.Store(c.Subject, token))
	}
	url := startNATS(t, &server.Options{
		TrustedKeys: []string{operatorKey}, AccountResolver: resolver, SystemAccount: systemKey, JetStream: true, StoreDir: t.TempDir(),
	})
	creds := map[string]string{}
	for _, line := range strings.Split(strings.ReplaceAll(documentBlock(t, "nsc"), "\\\n", " "), "\n") {
		user, claims := nscUser(t, line)
		pair, err := nkeys.CreateUser()
		require.NoError(t, err)
		claims.Subject, err = pair.PublicKey()
		require.NoError(t, err)
		token, err := claims.Encode(account)
		require.NoError(t, err)
		seed, err := pair.Seed()
		require.NoError(t, err)
		file, err := jwt.FormatUserConfig(token, seed)
		require.NoError(t, err)
		creds[user] = writeFile(t, string(file))
	}
	as := func(user string) ConnectOptions {
		return ConnectOptions{URL: url, Creds: creds[user], Inbox: InboxOf(user)}
	}
	tryAll(t, as)
	durable(t, as)
	answers(t, as)
}

// nscUser is the user that a command of nsc makes.
func nscUser(t *testing.T, line string) (name string, claims *jwt.UserClaims) {
	t.Helper()
	var err error
	words := strings.Fields(strings.ReplaceAll(line, "'", ""))
	require.GreaterOrEqual(t, len(words), 7, line)
	require.Equal(t, []string{"nsc", "add", "user", "--account"}, words[:4])
	claims = jwt.NewUserClaims("placeholder")
	for i := 5; i < len(words); i += 2 {
		if words[i] == "--allow-pub-response=1" {
			claims.Resp = &jwt.ResponsePermission{MaxMsgs: 1}
			i--
			continue
		}
		value := strings.Split(words[i+1], ",")
		switch words[i] {
		case "--name":
			name = words[i+1]
		case "--allow-pub":
			claims.Pub.Allow.Add(value...)
		case "--allow-sub":
			claims.Sub.Allow.Add(value...)
		case "--deny-pub":
			claims.Pub.Deny.Add(value...)
		case "--response-ttl":
			require.NotNil(t, claims.Resp)
			claims.Resp.Expires, err = time.ParseDuration(words[i+1])
			require.NoError(t, err)
		default:
			require.Fail(t, "a flag that is not known", words[i])
		}
	}
	return name, claims
}

// documentBlock is a block of code of the document, by the word behind its fence.
func documentBlock(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("permissions.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(data), "```"+name+"\n")
	require.True(t, found, name)
	block, _, found := strings.Cut(rest, "\n```\n")
	require.True(t, found)
	return block
}

// What the document says is what the code writes.
func TestPermissionsDocument(t *testing.T) {
	conf, err := NATSConf(documented)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSuffix(conf, "\n"), documentBlock(t, "nats.conf"))
	nsc, err := NSC("A", documented)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSuffix(nsc, "\n"), documentBlock(t, "nsc"))
	data, err := os.ReadFile("permissions.md")
	require.NoError(t, err)
	for _, u := range documented {
		p, err := u.permissions()
		require.NoError(t, err)
		if p == nil {
			continue
		}
		for _, s := range append(p.Publish, p.Subscribe...) {
			require.Contains(t, string(data), s)
		}
	}
}

func TestGrantsThatAreRefused(t *testing.T) {
	for _, test := range []struct {
		g    Grant
		want string
	}{
		{Grant{Role: "king", Inbox: "_INBOX.a"}, `role: expected full, daemon, sensor, viewer or operator, found "king"`},
		{Grant{Role: RoleSensor, Inbox: "_INBOX.a"}, "sensors: expected the names of those"},
		{Grant{Role: RoleSensor, Inbox: "_INBOX.a", Sensors: []string{"lab-*"}}, `expected a name, or "*" for every sensor, found "lab-*"`},
		{Grant{Role: RoleSensor, Inbox: "_INBOX.a", Sensors: []string{"a.b"}}, "sensor name: "},
		{Grant{Role: RoleSensor, Inbox: "_INBOX.a", Sensors: []string{">"}}, "sensor name: "},
		{Grant{Role: RoleSensor, Inbox: "_INBOX.*", Sensors: []string{"a"}}, "inbox prefix: "},
		{Grant{Role: RoleViewer, Inbox: "saccade.a"}, "beginning with _"},
		{Grant{Role: RoleOperator, Inbox: "_INBOX.a", Sensors: []string{"a"}}, "sensors: expected none"},
		{Grant{Role: RoleFull, Sensors: []string{"a"}}, "sensors: expected none"},
		{Grant{Role: RoleViewer, Prefix: "a..b", Inbox: "_INBOX.a"}, "subject prefix"},
	} {
		if test.g.Prefix == "" {
			test.g.Prefix = DefaultPrefix
		}
		_, err := test.g.Permissions()
		require.ErrorContains(t, err, test.want)
	}
	_, err := Start(testContext(t), ServerOptions{Users: []User{{Name: "a b", PasswordFile: writeFile(t, "x"), Role: RoleViewer}}})
	require.ErrorContains(t, err, `user "a b": expected a name of`)
	_, err = Start(testContext(t), ServerOptions{Users: []User{{Name: "a", PasswordFile: writeFile(t, "x"), Role: RoleSensor}}})
	require.ErrorContains(t, err, `user "a": sensors: expected`)
	for _, write := range []func([]NamedGrant) (string, error){NATSConf, func(g []NamedGrant) (string, error) { return NSC("A", g) }} {
		_, err = write([]NamedGrant{{"a\nb", Grant{Prefix: "p"}}})
		require.Error(t, err)
	}
}

// A prefix of several tokens, and every sensor.
func TestPermissionsOfAnotherPrefix(t *testing.T) {
	p, err := Grant{Role: RoleSensor, Prefix: "site.a", Inbox: "_I", Sensors: []string{"*", "cam"}}.Permissions()
	require.NoError(t, err)
	require.Equal(t, &Permissions{
		Publish: []string{"site.a.*.events", "site.a.cam.events"},
		Subscribe: []string{
			"_I.>", "site.a.*.replay.*", "site.a.cam.replay.*",
		},
		Responses: true,
	}, p)
	s := startServer(t, ServerOptions{Port: -1, Prefix: "site.a", Users: []User{
		{Name: "cam", PasswordFile: writeFile(t, "x"), Role: RoleSensor, Sensors: []string{"cam"}},
	}})
	ctx := testContext(t)
	own := connect(t, ConnectOptions{Server: s})
	heard, err := own.SubscribeSync("*.>")
	require.NoError(t, err)
	require.NoError(t, Flush(ctx, own))
	nc := connect(t, ConnectOptions{URL: s.ClientURL(), User: "cam", PasswordFile: writeFile(t, "x")})
	require.NoError(t, nc.Publish("saccade.cam.events", nil))
	require.NoError(t, nc.Publish("site.a.cam.events", nil))
	require.NoError(t, Flush(ctx, nc))
	m, err := heard.NextMsgWithContext(ctx)
	require.NoError(t, err)
	require.Equal(t, "site.a.cam.events", m.Subject)
}

func TestInboxes(t *testing.T) {
	s, err := NewSubjects("_p")
	require.NoError(t, err)
	for reply, want := range map[string]bool{
		"_INBOX.x": true, "_INBOX.cam.x.1": true, "_I.x": true, "": false, "a": false, "$JS.API.STREAM.DELETE.s": false,
		"_p.a.events": false, "_INBOX.*": false, "_INBOX.>": false, "_a b": false, "saccade.a.events": false,
	} {
		require.Equal(t, want, s.IsInbox(reply), reply)
	}
	for target, want := range map[string]string{
		"nats://u:p@h": "u", "nats://token@h": "", "nats://h": "", "nats://a,nats://u:p@h": "", "u:p@h": "", "::": "",
	} {
		require.Equal(t, want, userOf(target), target)
	}
	require.Empty(t, InboxOf("a b"))
	require.Empty(t, InboxOf(strings.Repeat("a", 65)))
	_, err = Connect(testContext(t), ConnectOptions{Inbox: "x.>"})
	require.ErrorContains(t, err, "inbox prefix")
	require.NoError(t, Refused(errors.New("other")))
	require.ErrorContains(t, Refused(fmt.Errorf(`%w: Permissions Violation for Subscription to "_INBOX.abc.*"`, nats.ErrPermissionViolation)), "_INBOX.USER")
}

// contextFor is time for what is not answered, as a server does not answer what it refuses.
func contextFor(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), 300*time.Millisecond)
}
