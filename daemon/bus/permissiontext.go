package bus

import (
	"fmt"
	"strings"
)

// NamedGrant is what a user is granted.
type NamedGrant struct {
	User string
	Grant
}

// NATSConf writes users and their permissions as nats-server reads them from its configuration. Passwords are
// taken from environment variables, USER_PASSWORD in capitals; they may as well be bcrypt hashes.
func NATSConf(users []NamedGrant) (string, error) {
	var b strings.Builder
	b.WriteString("authorization {\n  users: [\n")
	for _, u := range users {
		p, err := u.permissions()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "    { # %s\n      user: %q, password: $%s\n", describeGrant(u.Grant), u.User, PasswordVariable(u.User))
		if p != nil {
			fmt.Fprintf(&b, "      permissions: {\n        publish: %s\n        subscribe: %s\n", confRule(p.Publish), confRule(p.Subscribe))
			if p.Responses {
				fmt.Fprintf(&b, "        allow_responses: {max: 1, expires: %q}\n", responseTime)
			}
			b.WriteString("      }\n")
		}
		b.WriteString("    }\n")
	}
	b.WriteString("  ]\n}\n")
	return b.String(), nil
}

// responseTime is [ResponseTime] as NATS' tools read it.
const responseTime = "1m"

// PasswordVariable is the environment variable that [NATSConf] takes a user's password from.
func PasswordVariable(user string) string {
	return strings.ToUpper(strings.ReplaceAll(user, "-", "_")) + "_PASSWORD"
}

// confRule is a list of subjects in nats-server's configuration. An empty list there would allow everything.
func confRule(subjects []string) string {
	if len(subjects) == 0 {
		return `{deny: ">"}`
	}
	quoted := make([]string, len(subjects))
	for i, s := range subjects {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// NSC writes the commands by which nsc makes the same users of an account with JWTs.
func NSC(account string, users []NamedGrant) (string, error) {
	var b strings.Builder
	for _, u := range users {
		p, err := u.permissions()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "nsc add user --account %s --name %s", account, u.User)
		if p != nil {
			for _, list := range []struct {
				flag     string
				subjects []string
			}{{"pub", p.Publish}, {"sub", p.Subscribe}} {
				if len(list.subjects) == 0 {
					fmt.Fprintf(&b, " \\\n  --deny-%s '>'", list.flag)
					continue
				}
				fmt.Fprintf(&b, " \\\n  --allow-%s '%s'", list.flag, strings.Join(list.subjects, ","))
			}
			if p.Responses {
				fmt.Fprintf(&b, " \\\n  --allow-pub-response=1 --response-ttl %s", responseTime)
			}
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// permissions are those of the user's own inbox, where none is given.
func (u NamedGrant) permissions() (*Permissions, error) {
	inbox := InboxOf(u.User)
	if inbox == "" {
		return nil, fmt.Errorf("user %s: expected a name of 1 to %d of A-Z, a-z, 0-9, - and _", quote(u.User), MaxSensorName)
	}
	g := u.Grant
	if g.Inbox == "" {
		g.Inbox = inbox
	}
	p, err := g.Permissions()
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", u.User, err)
	}
	return p, nil
}

func describeGrant(g Grant) string {
	role := g.Role
	if role == "" {
		role = RoleFull
	}
	if len(g.Sensors) == 0 {
		return string(role)
	}
	return string(role) + " of " + strings.Join(g.Sensors, ", ")
}
