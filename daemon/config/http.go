package config

import (
	"net"
	"strconv"
)

func (k *check) http(h *HTTP) {
	k.users("http.users", h.Users)
	k.together("http.cert", h.Cert, "http.key", h.Key)
	k.integer("http.sensor_labels", h.SensorLabels, 0, MaxSensors)
	if h.Listen == "" {
		return
	}
	host, port, err := net.SplitHostPort(h.Listen)
	number, notNumber := strconv.ParseUint(port, 10, 16)
	if err != nil || notNumber != nil {
		p := k.fail("http.listen", "host:port, the port 0 to 65535", quote(h.Listen))
		if n, err := strconv.ParseUint(h.Listen, 10, 16); err == nil {
			p.Hint = "did you mean " + net.JoinHostPort("127.0.0.1", strconv.FormatUint(n, 10)) + "?"
		}
		return
	}
	loopback, ok := hostIsLoopback(host)
	switch {
	case !ok:
		p := k.fail("http.listen", "localhost or an IP address as host", quote(h.Listen))
		if host == "" {
			p.Hint = "did you mean " + net.JoinHostPort("127.0.0.1", strconv.FormatUint(number, 10)) + "? Every address is 0.0.0.0"
		}
	case !loopback && len(h.Users) == 0:
		p := k.fail("http.listen", "an address of this machine alone, as there are no users", quote(h.Listen))
		p.Hint = "set http.users to listen beyond this machine"
	}
}

// users demands of a list of users that each can log in.
func (k *check) users(path string, users []User) {
	seen := map[string]bool{}
	for i, u := range users {
		here := index(path, i)
		switch {
		case u.User == "":
			k.fail(here+".user", "a user name", `""`)
		case seen[u.User]:
			k.fail(here+".user", "every user once", quote(u.User))
		}
		seen[u.User] = true
		if u.PasswordFile == "" {
			k.fail(here+".password_file", "a file with the user's password", `""`)
		}
	}
}
