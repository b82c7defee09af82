package bus

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Role is what a user of a NATS server may do with saccade's subjects, and with nothing else.
type Role string

// The roles. [Grant.Permissions] has what each may do.
const (
	RoleFull     Role = "full"     // everything, as a user without a role
	RoleDaemon   Role = "daemon"   // what `saccade serve` does on a server that is not its own
	RoleSensor   Role = "sensor"   // publishes the events of its sensors
	RoleViewer   Role = "viewer"   // reads results
	RoleOperator Role = "operator" // reads results, and controls the daemon
)

// Roles are the names of all roles.
var Roles = []Role{RoleFull, RoleDaemon, RoleSensor, RoleViewer, RoleOperator}

// AnySensor stands in a [Grant] for the name of every sensor.
const AnySensor = "*"

// Grant is a role on the subjects of one prefix.
type Grant struct {
	Role   Role
	Prefix string
	// Inbox is where the user's answers come, a prefix of subjects that is nobody else's: see [InboxOf].
	Inbox string
	// Sensors are those that a sensor's user publishes for, which it needs, or that a viewer's reads from, all
	// where there are none. NATS compares whole tokens of subjects: names, or AnySensor, and no other patterns.
	Sensors []string
}

// Permissions are the subjects that a user may publish and subscribe to; what is in neither list is refused by
// the server. nil stands for everything.
type Permissions struct {
	Publish, Subscribe []string
	// Responses allows an answer to each request that comes, to wherever that wants it, for [ResponseTime].
	Responses bool
}

// ResponseTime is how long an answer is allowed, where one is: longer than any request waits.
const ResponseTime = time.Minute

// replayToken follows a sensor's name in the subjects by which a replay is steered.
const replayToken = "replay"

// Replay begins the subjects by which a replay that publishes as the sensor is steered.
func (s Subjects) Replay(sensor string) string { return s.prefix + "." + sensor + "." + replayToken }

// What a daemon needs of JetStream: streams, consumers and their flow, key-value and object stores.
var jetStreamSubjects = []string{"$JS.API.>", "$JS.ACK.>", "$JS.FC.>", "$KV.>", "$O.>"}

// serviceSubjects are those of NATS' micro services (ADR-32).
const serviceSubjects = "$SRV.>"

// anyInbox covers the inboxes of all users, as long as they begin as NATS has them begin.
const anyInbox = "_INBOX.>"

// viewed are the kinds of subjects that are there to be read.
var viewed = []Kind{KindFeatures, KindLabels, KindRejects, KindStatus}

// Permissions are those of a grant, nil for everything. An error says what the grant must have.
//
// Nobody but a full user may subscribe to ">" or to anybody else's inbox, and none but it and the daemon reaches JetStream.
// A viewer publishes nothing, not even requests that change nothing: each costs the daemon an answer, of a length and to
// a subject that the viewer chooses, and names the sensor where no server looks. Those are an operator's.
//
// A sensor's user can be a replay, which an operator steers: it hears what concerns its sensors, and may answer each
// request once (allow_responses), so that it needs nobody's inbox. It hears nothing of how services are found ($SRV): whoever
// does can pass for the daemon to those who look for it.
func (g Grant) Permissions() (*Permissions, error) {
	s, err := NewSubjects(g.Prefix)
	if err != nil {
		return nil, err
	}
	if g.Role == RoleFull || g.Role == "" {
		if len(g.Sensors) > 0 {
			return nil, fmt.Errorf("sensors: expected none for a user of role %s, which may do everything", RoleFull)
		}
		return nil, nil
	}
	if err := checkInbox(g.Inbox); err != nil {
		return nil, err
	}
	sensors, err := g.sensors()
	if err != nil {
		return nil, err
	}
	p := &Permissions{Subscribe: []string{g.Inbox + ".>"}}
	control := s.prefix + ".control."
	switch g.Role {
	case RoleSensor:
		p.Publish = s.each(sensors, KindEvents)
		for _, name := range sensors {
			p.Subscribe = append(p.Subscribe, s.Replay(name)+".*")
		}
		p.Responses = true
	case RoleViewer:
		p.Subscribe = append(p.Subscribe, s.each(sensors, viewed...)...)
	case RoleOperator:
		p.Subscribe = append(p.Subscribe, s.each(sensors, viewed...)...)
		p.Publish = []string{control + ">", s.Replay(AnySensor) + ".*", serviceSubjects}
	case RoleDaemon:
		p.Subscribe = append(p.Subscribe, s.All(KindEvents), control+">", serviceSubjects)
		p.Publish = append(s.each(sensors, append(slices.Clone(viewed), KindOwner)...), anyInbox)
		p.Publish = append(p.Publish, jetStreamSubjects...)
	default:
		return nil, fmt.Errorf("role: expected %s, found %s", roleNames(), quote(string(g.Role)))
	}
	return p, nil
}

// sensors are the tokens that stand for the grant's sensors.
func (g Grant) sensors() ([]string, error) {
	switch {
	case g.Role == RoleSensor && len(g.Sensors) == 0:
		return nil, fmt.Errorf("sensors: expected the names of those that a user of role %s publishes for, or %q, found none", g.Role, AnySensor)
	case g.Role != RoleSensor && g.Role != RoleViewer && len(g.Sensors) > 0:
		return nil, fmt.Errorf("sensors: expected none for a user of role %s", g.Role)
	case len(g.Sensors) == 0:
		return []string{AnySensor}, nil
	}
	for _, name := range g.Sensors {
		if name == AnySensor {
			continue
		}
		if err := CheckSensor(name); err != nil {
			if strings.ContainsAny(name, "*?") {
				err = fmt.Errorf("sensors: expected a name, or %q for every sensor, found %s: NATS' permissions have no other patterns",
					AnySensor, quote(name))
			}
			return nil, err
		}
	}
	return g.Sensors, nil
}

// each gives the subjects of some kinds for some sensors.
func (s Subjects) each(sensors []string, kinds ...Kind) []string {
	var out []string
	for _, sensor := range sensors {
		for _, k := range kinds {
			if subject := s.subject(sensor, k); !slices.Contains(out, subject) {
				out = append(out, subject)
			}
		}
	}
	return out
}

func roleNames() string {
	names := make([]string, len(Roles))
	for i, r := range Roles {
		names[i] = string(r)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// server are the permissions as nats-server knows them. Lists that are empty allow nothing, which there
// would stand for everything: they deny everything.
func (p *Permissions) server() *server.Permissions {
	rules := func(allow []string) *server.SubjectPermission {
		if len(allow) == 0 {
			return &server.SubjectPermission{Deny: []string{">"}}
		}
		return &server.SubjectPermission{Allow: allow}
	}
	out := &server.Permissions{Publish: rules(p.Publish), Subscribe: rules(p.Subscribe)}
	if p.Responses {
		out.Response = &server.ResponsePermission{MaxMsgs: 1, Expires: ResponseTime}
	}
	return out
}
