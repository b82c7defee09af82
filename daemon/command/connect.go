package command

import (
	"errors"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// natsFlags say which NATS server a client talks to.
type natsFlags struct {
	NATS         string `name:"nats" help:"Address of the NATS server, or several with commas between. Default: nats://127.0.0.1:4222." placeholder:"URL"`
	Context      string `help:"A context of the nats command line tool, in place of the address." placeholder:"NAME"`
	Creds        string `help:"File with NATS credentials." placeholder:"FILE"`
	NKey         string `name:"nkey" help:"File with the seed of an NKEY user." placeholder:"FILE"`
	User         string `help:"User name, with --password-file." placeholder:"NAME"`
	PasswordFile string `help:"File whose first line is the user's password." placeholder:"FILE"`
	CA           string `name:"tls-ca" help:"File with the certificates to trust." placeholder:"FILE"`
	Cert         string `name:"tls-cert" help:"File with the client's certificate." placeholder:"FILE"`
	Key          string `name:"tls-key" help:"File with the client's key." placeholder:"FILE"`
	Inbox        string `name:"inbox-prefix" help:"Prefix of the subjects that answers come to, for users whose permissions name one. Default: that of the context, _INBOX.NAME with --user, or _INBOX." placeholder:"SUBJECT"`
	Prefix       string `help:"First token of every subject." default:"saccade"`
}

// pairs refuses flags without the one that they need, or with one that they exclude.
func (f *natsFlags) pairs() error {
	switch {
	case f.NATS != "" && f.Context != "":
		return errors.New("--nats and --context: expected one of them")
	case f.PasswordFile != "" && f.User == "":
		return errors.New("--password-file: expected --user with it")
	case f.User != "" && f.PasswordFile == "":
		return errors.New("--user: expected --password-file with it")
	case f.Cert != "" && f.Key == "":
		return errors.New("--tls-cert: expected --tls-key with it")
	case f.Key != "" && f.Cert == "":
		return errors.New("--tls-key: expected --tls-cert with it")
	}
	return nil
}

// connect connects as the flags say, and as how says beyond them.
func (f *natsFlags) connect(e *env, how bus.ConnectOptions) (*nats.Conn, bus.Subjects, error) {
	if err := f.pairs(); err != nil {
		return nil, bus.Subjects{}, usageError{err}
	}
	subjects, err := bus.NewSubjects(f.Prefix)
	if err != nil {
		return nil, subjects, usageError{err}
	}
	o := how
	o.URL, o.Context, o.Creds, o.NKey = f.NATS, f.Context, f.Creds, f.NKey
	o.User, o.PasswordFile, o.CA, o.Cert, o.Key = f.User, f.PasswordFile, f.CA, f.Cert, f.Key
	o.Name, o.Log, o.Inbox = "saccade", e.log, f.Inbox
	nc, err := bus.Connect(e.ctx, o)
	return nc, subjects, err
}
