package bus

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxSecretFile bounds the files of secrets and contexts.
const maxSecretFile = 64 << 10

// readBounded reads a small file.
func readBounded(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err = io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(data) > maxSecretFile {
		return nil, fmt.Errorf("%s: expected at most %d bytes", path, maxSecretFile)
	}
	return data, nil
}

// ReadSecret reads a password: the first line of a file of at most 64 KiB, without its end.
// Errors name the file and never what is in it.
func ReadSecret(path string) (string, error) {
	data, err := readBounded(path)
	if err != nil {
		return "", err
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return "", fmt.Errorf("%s: expected a password in its first line, found none", path)
	}
	return string(line), nil
}
