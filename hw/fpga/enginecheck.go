package fpga

// idlePolls is how often the status is read until a device has come to rest: a simulated one may take its time to
// wipe its memories.
const idlePolls = 1 << 16

// idle waits until nothing is under way in the device.
func (e *engine) idle() error {
	var status uint32
	for range idlePolls {
		var err error
		status, err = e.link.Read(RegStatus)
		if err != nil || status&StatusIdle != 0 {
			return err
		}
	}
	return &BusyError{Polls: idlePolls, Status: status}
}

// checks are the registers that are read to check a device, in the order in which they are: two, the configuration's,
// and counters.
type checks struct {
	addresses, values []uint32
	expected          []setting // the configuration, as the device must have it
}

const (
	checkStatus = iota
	checkError
	checkConfig
)

// checkedCounters are compared; of each the lower word is enough, as less than 2^32 is lost.
var checkedCounters = [...]struct {
	number uint32
	name   string
}{
	{CountDroppedIn, "words dropped ahead of the input"},
	{CountDroppedOut, "results dropped"},
	{CountEvents, "events"},
	{CountResults, "results and marks"},
}

// configured takes note of a configuration.
func (k *checks) configured(c *Config) {
	k.expected = c.words()
	k.addresses = append(k.addresses[:0], RegStatus, RegError)
	for _, s := range k.expected {
		k.addresses = append(k.addresses, s.address)
	}
	for _, c := range checkedCounters {
		k.addresses = append(k.addresses, RegCounters+8*c.number)
	}
	k.values = make([]uint32, len(k.addresses))
}

// check compares what the device says of itself with what the host knows: it is configured as it was, has no
// error, has dropped nothing, and has taken as many events and given as many results as were sent and received.
func (e *engine) check() error {
	if err := e.idle(); err != nil {
		return err
	}
	k := &e.checks
	if err := ReadList(e.link, k.addresses, k.values); err != nil {
		return err
	}
	status := k.values[checkStatus]
	switch {
	case status&StatusConfigured == 0:
		return &ResetError{Register: RegStatus, Expected: status | StatusConfigured, Found: status}
	case status&(StatusOverflowIn|StatusOverflowOut) != 0:
		return &OverflowError{In: status&StatusOverflowIn != 0, Out: status&StatusOverflowOut != 0}
	case k.values[checkError] != 0:
		return deviceError(k.values[checkError])
	}
	for i, s := range k.expected {
		if v := k.values[checkConfig+i]; v != s.value {
			return &ResetError{Register: s.address, Expected: s.value, Found: v}
		}
	}
	expected := [...]uint64{0, 0, e.sent, e.answered + e.marks}
	for i, c := range checkedCounters {
		at := checkConfig + len(k.expected) + i
		v := k.values[at]
		switch {
		case v == uint32(expected[i]):
		case c.number == CountEvents && uint32(e.checked) > v && e.sent>>32 == e.checked>>32:
			return &ResetError{Register: k.addresses[at], Expected: uint32(expected[i]), Found: v}
		default:
			return &CounterError{Counter: c.name, Expected: uint32(expected[i]), Found: v}
		}
	}
	e.checked = e.sent
	return nil
}
