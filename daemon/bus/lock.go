package bus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// lockName is the file in a data folder whose lock says that the folder is in use.
// It stays behind; the lock goes with the process, however that ends.
const lockName = "saccade.lock"

// dirLock holds a data folder: two servers on one JetStream folder would destroy it,
// and nats-server does not look.
type dirLock struct{ f *os.File }

// dirMode is the mode of a data folder: what is in it is nobody else's.
const dirMode os.FileMode = 0o700

// lockDir makes a folder where there is none and locks it.
func lockDir(dir string) (*dirLock, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := lockFile(f); err != nil {
		if errors.Is(err, errLocked) {
			err = fmt.Errorf("data folder %s is in use by another saccade", dir)
		} else {
			err = fmt.Errorf("data folder %s: %w", dir, err)
		}
		return nil, errors.Join(err, f.Close())
	}
	return &dirLock{f}, nil
}

var errLocked = errors.New("locked")

// release gives the folder free. A nil lock holds none.
func (l *dirLock) release() error {
	if l == nil {
		return nil
	}
	return l.f.Close()
}
