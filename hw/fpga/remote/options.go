package remote

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/hw/fpga/etherbone"
)

// Options say how a device is reached. The zero value is for one that 'saccade fpga serve' serves.
type Options struct {
	// Network is that of the registers: tcp (the default) or udp.
	Network string
	// From is the port that datagrams are sent from. liteeth's core answers to the port that it listens on itself, wherever it
	// was asked from; so 0 stands for the device's own port where it is on another machine, and for any that is free
	// where it is on this one.
	From int
	// Stream is the address of the streams, host:port; the default is the port behind that of the registers.
	Stream string
	// Base is added to the addresses of registers: where a bus has the device.
	Base uint32
	// Timeout is how long a call waits for the other end; 0 stands for [DefaultTimeout]. Over UDP, a try of Tries
	// (0: [DefaultTries]) waits for its share of it.
	Timeout time.Duration
	Tries   int
	// Window is how many words may be under way at the most; 0 stands for [DefaultWindow]. The device's end must be
	// able to hold as many while nobody takes its results, or both ends would wait for each other.
	Window int
	// Burst is how many words, bases among them, a record has at the most; 0 stands for as many as records can have,
	// or over UDP for [DefaultBurst]. liteeth calls it buffer_depth.
	Burst int
}

// What the zeros of [Options] stand for.
const (
	DefaultTimeout = 5 * time.Second
	DefaultTries   = 10
	DefaultWindow  = 1 << 14
	DefaultBurst   = 16

	// minBurst is a record that writes a place and a word, and reads the place: two bases, three words.
	minBurst = 5
	maxBurst = 2 * (1 + etherbone.MaxWords)

	maxWindow  = 1 << 22
	maxTimeout = time.Hour
	maxTries   = 1000
)

// complete puts in what zeros stand for, and checks what is there.
func (o Options) complete(address string) (Options, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return o, err
	}
	if o.Network == "" {
		o.Network = "tcp"
	}
	if o.Network != "tcp" && o.Network != "udp" {
		return o, fmt.Errorf("registers: expected tcp or udp, found %q", o.Network)
	}
	if o.Stream == "" {
		if port == 65535 {
			return o, fmt.Errorf("expected an address of the streams, as there is no port behind %d", port)
		}
		o.Stream = net.JoinHostPort(host, strconv.Itoa(port+1))
	} else if _, _, err := splitAddress(o.Stream); err != nil {
		return o, fmt.Errorf("stream: %w", err)
	}
	defaults(&o.Timeout, DefaultTimeout)
	defaults(&o.Tries, DefaultTries)
	defaults(&o.Window, DefaultWindow)
	burst := maxBurst
	if o.Network == "udp" {
		burst = DefaultBurst
	}
	defaults(&o.Burst, burst)
	switch {
	case o.Timeout < time.Millisecond || o.Timeout > maxTimeout:
		return o, fmt.Errorf("timeout: expected %v to %v, found %v", time.Millisecond, maxTimeout, o.Timeout)
	case o.Tries < 1 || o.Tries > maxTries:
		return o, fmt.Errorf("tries: expected 1 to %d, found %d", maxTries, o.Tries)
	case o.Window < 2 || o.Window > maxWindow:
		return o, fmt.Errorf("window: expected 2 to %d words, found %d", maxWindow, o.Window)
	case o.Burst < minBurst || o.Burst > maxBurst:
		return o, fmt.Errorf("burst: expected %d to %d words, found %d", minBurst, maxBurst, o.Burst)
	case o.From < 0 || o.From > 65535:
		return o, fmt.Errorf("from: expected a port, 1 to 65535, found %d", o.From)
	case o.Base%4 != 0:
		return o, fmt.Errorf("base: expected a multiple of 4, found %#x", o.Base)
	}
	return o, nil
}

func defaults[T int | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// splitAddress takes host:port apart.
func splitAddress(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	number, perr := strconv.ParseUint(text, 10, 16)
	if err != nil || perr != nil || host == "" || number == 0 {
		return "", 0, fmt.Errorf("expected HOST:PORT, such as 127.0.0.1:7121, found %q", address)
	}
	return host, int(number), nil
}

// Parse reads what is behind the @ of a target's name: HOST:PORT of the registers, and settings behind commas:
// registers=udp, from=PORT, stream=HOST:PORT, timeout=DURATION, tries=N, window=WORDS, burst=WORDS and base=ADDRESS,
// as [Options] has them. Errors name the setting.
func Parse(text string) (address string, o Options, err error) {
	parts := strings.Split(text, ",")
	address = parts[0]
	seen := map[string]bool{}
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(part, "=")
		if seen[key] {
			return "", o, fmt.Errorf("%s: expected it once", key)
		}
		seen[key] = true
		if err := o.set(key, value); err != nil {
			return "", o, err
		}
	}
	_, err = o.complete(address)
	return address, o, err
}

func (o *Options) set(key, value string) (err error) {
	number := func(to *int) {
		var n uint64
		if n, err = strconv.ParseUint(value, 10, 31); err == nil {
			*to = int(n)
		}
		if err != nil || n == 0 {
			err = fmt.Errorf("%s: expected a number above 0, found %q", key, value)
		}
	}
	switch key {
	case "registers":
		o.Network = value
	case "from":
		number(&o.From)
	case "stream":
		o.Stream = value
	case "timeout":
		if o.Timeout, err = time.ParseDuration(value); err != nil || o.Timeout <= 0 {
			err = fmt.Errorf("timeout: expected a duration such as 2s, found %q", value)
		}
	case "tries":
		number(&o.Tries)
	case "window":
		number(&o.Window)
	case "burst":
		number(&o.Burst)
	case "base":
		var n uint64
		if n, err = strconv.ParseUint(value, 0, 32); err != nil {
			err = fmt.Errorf("base: expected an address such as 0xf0001000, found %q", value)
		}
		o.Base = uint32(n)
	default:
		err = fmt.Errorf("expected registers, from, stream, timeout, tries, window, burst or base as a setting, found %q", key)
	}
	return err
}
