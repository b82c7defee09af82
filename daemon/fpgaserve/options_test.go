package fpgaserve

import (
	"context"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw/fpga/remote"
	"github.com/saccade-dev/saccade/sim/fpga"
)

func TestListenIsCareful(t *testing.T) {
	d, err := fpga.NewDevice(fpga.DefaultBuild())
	require.NoError(t, err)
	for want, o := range map[string]Options{
		"registers: expected an address to listen on, found none":    {},
		"registers: it does not listen on 0.0.0.0:0: other machines": {Registers: "0.0.0.0:0"},
		"registers: it does not listen on 192.0.2.1:7121":            {Registers: "192.0.2.1:7121"},
		"streams: it does not listen on [::]:0":                      {Registers: "127.0.0.1:0", Stream: "[::]:0"},
		"registers over UDP: it does not listen on 0.0.0.0:0":        {Registers: "127.0.0.1:0", UDP: "0.0.0.0:0"},
		"expected host:port":                                                {Registers: "here"},
		"expected localhost or an IP address as host":                       {Registers: "example.org:1"},
		"streams: expected an address for them, as there is no port behind": {Registers: "127.0.0.1:65535"},
	} {
		_, err := Listen(context.Background(), d, o)
		require.ErrorContains(t, err, want)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	for _, o := range []Options{{Registers: taken.Addr().String()}, {Registers: "127.0.0.1:0", Stream: taken.Addr().String()}} {
		_, err := Listen(context.Background(), d, o)
		require.ErrorContains(t, err, "in use")
	}
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, u.Close()) }()
	_, err = Listen(context.Background(), d, Options{Registers: "127.0.0.1:0", UDP: u.LocalAddr().String()})
	require.ErrorContains(t, err, "in use")

	// All addresses of the machine, where that is what is asked for.
	s, err := Listen(context.Background(), d, Options{Registers: "0.0.0.0:0", Insecure: true})
	require.NoError(t, err)
	_, registers, err := net.SplitHostPort(s.Registers())
	require.NoError(t, err)
	_, stream, err := net.SplitHostPort(s.Stream())
	require.NoError(t, err)
	port, err := strconv.Atoi(registers)
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(port+1), stream, "the streams are behind the registers")
	require.Empty(t, s.UDP())
	require.NoError(t, s.Close(), "it was never run")
	require.NoError(t, s.Close())
}

// More hosts than are served at once wait for their turn.
func TestManyHosts(t *testing.T) {
	s := serve(t, fpga.DefaultBuild(), Options{})
	var all []net.Conn
	for range maxRegisterHosts + 5 {
		c, err := net.Dial("tcp", s.Registers())
		require.NoError(t, err)
		all = append(all, c)
	}
	for _, c := range all {
		require.NoError(t, c.Close())
	}
	afresh(t, dial(t, s.Registers(), remote.Options{}), 100)
}
