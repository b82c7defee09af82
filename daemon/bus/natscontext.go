package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go"
)

// natsContext is a context of the `nats` command line tool: a JSON file under
// ~/.config/nats/context (or $XDG_CONFIG_HOME) that says how to reach a server.
type natsContext struct {
	URL      string `json:"url"`
	Token    string `json:"token"`
	User     string `json:"user"`
	Password string `json:"password"`
	Creds    string `json:"creds"`
	NKey     string `json:"nkey"`
	CA       string `json:"ca"`
	Cert     string `json:"cert"`
	Key      string `json:"key"`
	Inbox    string `json:"inbox_prefix"`
	TLSFirst bool   `json:"tls_first"`

	// What saccade cannot do, and would connect in the wrong way without.
	NSC         string `json:"nsc"`
	SocksProxy  string `json:"socks_proxy"`
	UserJWT     string `json:"user_jwt"`
	WindowsCert string `json:"windows_cert_store"`
}

// loadContext reads a context by its name, or from a file: a name with a path
// separator in it or .json at its end.
func loadContext(name string) (natsContext, error) {
	path := name
	if !strings.ContainsRune(name, os.PathSeparator) && !strings.Contains(name, "/") && !strings.HasSuffix(name, ".json") {
		dir, err := contextDir()
		if err != nil {
			return natsContext{}, err
		}
		path = filepath.Join(dir, name+".json")
	}
	data, err := readBounded(expandHome(path))
	if err != nil {
		return natsContext{}, fmt.Errorf("NATS context %s: %w", name, err)
	}
	var c natsContext
	if err := json.Unmarshal(data, &c); err != nil {
		return natsContext{}, fmt.Errorf("NATS context %s: %s: %w", name, path, err)
	}
	for _, f := range []struct{ name, value string }{
		{"nsc", c.NSC},
		{"socks_proxy", c.SocksProxy},
		{"user_jwt", c.UserJWT},
		{"windows_cert_store", c.WindowsCert},
	} {
		if f.value != "" {
			return natsContext{}, fmt.Errorf("NATS context %s: it uses %s, which saccade does not", name, f.name)
		}
	}
	for _, file := range []*string{&c.Creds, &c.NKey, &c.CA, &c.Cert, &c.Key} {
		*file = expandHome(*file)
	}
	return c, nil
}

// contextDir is where the command line tool keeps contexts, on every system.
func contextDir() (string, error) {
	config := os.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", errors.New("no folder of NATS contexts: neither $XDG_CONFIG_HOME nor a home folder is known")
		}
		config = filepath.Join(home, ".config")
	}
	return filepath.Join(config, "nats", "context"), nil
}

// expandHome puts the home folder in place of a leading ~, which no shell sees here.
func expandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// auth gives the options of the context's way to be let in; with several, the first
// in the order of the command line tool.
func (c natsContext) auth() ([]nats.Option, error) {
	switch {
	case c.User != "":
		return []nats.Option{nats.UserInfo(c.User, c.Password)}, nil
	case c.Creds != "":
		return credsOptions(c.Creds)
	case c.NKey != "":
		return nkeyOptions(c.NKey)
	case c.Token != "":
		return []nats.Option{nats.Token(c.Token)}, nil
	default:
		return nil, nil
	}
}

// options are what else a context says.
func (c natsContext) options() []nats.Option {
	var options []nats.Option
	if c.TLSFirst {
		options = append(options, nats.TLSHandshakeFirst())
	}
	return options
}
