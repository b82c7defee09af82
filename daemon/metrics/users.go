package metrics

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// User may read metrics.
type User struct {
	Name         string
	PasswordFile string // its first line is the password, plain or a bcrypt hash
}

// users checks who asks.
type users struct {
	key    []byte // of this process, so that the digests below tell nothing beyond it
	secret map[string]secret

	mu sync.Mutex // bcrypt is slow by design: one at a time, whoever guesses
	// right are digests of the passwords that bcrypt has let in, as a scraper comes
	// again every few seconds.
	right map[string][]byte
}

// secret is what a user must know: the digest of it, or its bcrypt hash.
type secret struct {
	digest []byte
	hash   []byte
}

func loadUsers(list []User) (*users, error) {
	u := &users{key: make([]byte, sha256.Size), secret: map[string]secret{}, right: map[string][]byte{}}
	if _, err := rand.Read(u.key); err != nil {
		return nil, err
	}
	for _, one := range list {
		if one.Name == "" {
			return nil, errors.New("a user without a name")
		}
		if _, twice := u.secret[one.Name]; twice {
			return nil, fmt.Errorf("user %q: expected every user once", one.Name)
		}
		text, err := bus.ReadSecret(one.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("password of user %q: %w", one.Name, err)
		}
		line := []byte(text)
		s := secret{digest: u.digest(line)}
		if _, err := bcrypt.Cost(line); err == nil {
			s = secret{hash: line}
		}
		u.secret[one.Name] = s
	}
	return u, nil
}

func (u *users) digest(password []byte) []byte {
	h := hmac.New(sha256.New, u.key)
	_, _ = h.Write(password) // a hash takes everything
	return h.Sum(nil)
}

// admits tells whether a user has given the right password, in a time that does not
// depend on how much of it was right.
func (u *users) admits(name, password string) bool {
	s, known := u.secret[name]
	given := u.digest([]byte(password))
	switch {
	case !known:
		return false
	case s.hash == nil:
		return hmac.Equal(given, s.digest)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if before := u.right[name]; before != nil && hmac.Equal(given, before) {
		return true
	}
	if bcrypt.CompareHashAndPassword(s.hash, []byte(password)) != nil {
		return false
	}
	u.right[name] = given
	return true
}

// knows tells whether a request names a user. Without users every one does.
func (u *users) knows(r *http.Request) bool {
	if len(u.secret) == 0 {
		return true
	}
	name, password, given := r.BasicAuth()
	return given && u.admits(name, password)
}

// guard lets requests through that name a user. Without users it lets all through.
func (u *users) guard(next http.Handler) http.Handler {
	if len(u.secret) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !u.knows(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="saccade", charset="UTF-8"`)
			http.Error(w, "expected a user and a password", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
