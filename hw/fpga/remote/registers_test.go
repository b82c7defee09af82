package remote

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/etherbone"
)

// Whatever the way to the registers, and whether it loses datagrams, the window is read and written word for word.
func TestRegisters(t *testing.T) {
	for name, try := range map[string]struct {
		o     Options
		litex bool
		lossy bool
	}{
		"tcp":            {},
		"tcp, short":     {o: Options{Burst: 5}},
		"litex_server":   {litex: true},
		"udp":            {o: Options{Network: "udp"}},
		"udp, least":     {o: Options{Network: "udp", Burst: minBurst}},
		"udp, lossy":     {o: Options{Network: "udp", Timeout: 200 * time.Millisecond, Tries: 100}, lossy: true},
		"at an address":  {o: Options{Base: 0xf0001000}},
		"udp at another": {o: Options{Network: "udp", Base: 0x8000}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.change(func() { f.base, f.litex = try.o.Base, try.litex })
			address := f.tcp.Addr().String()
			if try.o.Network == "udp" {
				address = f.udp.LocalAddr().String()
			}
			if try.lossy {
				rng := rand.New(rand.NewPCG(4, 2))
				f.change(func() { f.lose = func() bool { return rng.IntN(8) == 0 } })
			}
			r, err := DialRegisters(context.Background(), address, try.o)
			require.NoError(t, err)
			useRegisters(t, r)
			require.NoError(t, r.Close())
		})
	}
}

// useRegisters does what one does with registers, and compares with a device at hand.
func useRegisters(t *testing.T, r *Registers) {
	t.Helper()
	can, err := fpga.ReadCapabilities(r)
	require.NoError(t, err)
	require.Equal(t, 176, can.Lanes)
	model := newRegisters()
	rng := rand.New(rand.NewPCG(1, 2))
	values := make([]uint32, 40)
	both := func(do func(b fpga.BulkBus) error) {
		t.Helper()
		require.NoError(t, do(fpga.Bulk(model)))
		require.NoError(t, do(r))
	}
	for range 20 {
		window, place := rng.Uint32N(fpga.Windows), rng.Uint32N(4)<<16|rng.Uint32N(8)
		for i := range values {
			values[i] = rng.Uint32()
		}
		some := values[:rng.IntN(len(values))]
		both(func(b fpga.BulkBus) error { return b.Write(fpga.RegWindow, window) })
		both(func(b fpga.BulkBus) error { return b.Write(fpga.RegPlace, place) })
		both(func(b fpga.BulkBus) error { return b.WriteAt(fpga.RegData, some) })
		both(func(b fpga.BulkBus) error { return b.Write(fpga.RegData, 77) })
		both(func(b fpga.BulkBus) error { return b.WriteAt(fpga.RegEta, some) })
		want, got := make([]uint32, 37), make([]uint32, 37)
		require.NoError(t, fpga.Bulk(model).ReadAt(fpga.RegData, want))
		require.NoError(t, r.ReadAt(fpga.RegData, got))
		require.Equal(t, want, got)
		w, err := model.Read(fpga.RegData)
		require.NoError(t, err)
		g, err := r.Read(fpga.RegData)
		require.NoError(t, err)
		require.Equal(t, w, g)
		list := []uint32{fpga.RegPlace, fpga.RegWindow, fpga.RegEta, fpga.RegID, fpga.RegRows, fpga.RegPlace}
		require.NoError(t, fpga.ReadList(model, list, want[:6]))
		require.NoError(t, fpga.ReadList(r, list, got[:6]))
		require.Equal(t, want[:6], got[:6])
		require.NoError(t, r.Settle())
	}
	require.PanicsWithValue(t, fpga.PanicList, func() { _ = fpga.ReadList(r, values[:1], nil) })
}

func TestRegistersTimeOut(t *testing.T) {
	f := newFake(t)
	f.change(func() { f.lose = func() bool { return true } })
	r, err := DialRegisters(context.Background(), f.udp.LocalAddr().String(), Options{Network: "udp", Timeout: 4 * time.Millisecond, Tries: 2})
	require.NoError(t, err)
	_, err = r.Read(fpga.RegID)
	require.ErrorIs(t, err, fpga.ErrTimeout)
	for _, do := range []func(uint32, []uint32) error{r.ReadAt, r.WriteAt} {
		require.ErrorIs(t, do(fpga.RegData, make([]uint32, 3)), fpga.ErrTimeout)
		require.ErrorIs(t, do(fpga.RegEta, make([]uint32, 3)), fpga.ErrTimeout)
	}
	require.NoError(t, r.Close())
}

func TestParse(t *testing.T) {
	address, o, err := Parse("board.local:7121,registers=udp,from=5,stream=[::1]:9,timeout=2s,tries=3,window=64,burst=8,base=0xf0001000")
	require.NoError(t, err)
	require.Equal(t, "board.local:7121", address)
	require.Equal(t, Options{Network: "udp", From: 5, Stream: "[::1]:9", Timeout: 2 * time.Second, Tries: 3, Window: 64, Burst: 8, Base: 0xf0001000}, o)

	address, o, err = Parse("127.0.0.1:7121")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7121", address)
	o, err = o.complete(address)
	require.NoError(t, err)
	require.Equal(t, Options{Network: "tcp", Stream: "127.0.0.1:7122", Timeout: DefaultTimeout, Tries: DefaultTries, Window: DefaultWindow, Burst: maxBurst}, o)

	for text, want := range map[string]string{
		"":                      `expected HOST:PORT, such as 127.0.0.1:7121, found ""`,
		"host":                  "expected HOST:PORT",
		":7121":                 "expected HOST:PORT",
		"host:0":                "expected HOST:PORT",
		"host:99999":            "expected HOST:PORT",
		"host:http":             "expected HOST:PORT",
		"host:65535":            "no port behind 65535",
		"host:1,speed=9":        `found "speed"`,
		"host:1,":               `as a setting, found ""`,
		"host:1,tries=1,tries=": "tries: expected it once",
		"host:1,tries=x":        `tries: expected a number above 0, found "x"`,
		"host:1,tries=0":        "tries: expected a number above 0",
		"host:1,tries=5000":     "tries: expected 1 to 1000",
		"host:1,window=1":       "window: expected 2 to",
		"host:1,burst=4":        "burst: expected 5 to 512 words, found 4",
		"host:1,timeout=soon":   "timeout: expected a duration",
		"host:1,timeout=0s":     "timeout: expected a duration",
		"host:1,timeout=1us":    "timeout: expected 1ms to",
		"host:1,base=x":         "base: expected an address",
		"host:1,from=70000":     "from: expected a port, 1 to 65535, found 70000",
		"host:1,base=6":         "base: expected a multiple of 4",
		"host:1,stream=here":    "stream: expected HOST:PORT",
		"host:1,registers=usb":  `registers: expected tcp or udp, found "usb"`,
	} {
		_, _, err := Parse(text)
		require.ErrorContains(t, err, want, text)
	}
}

// Whatever is behind an @, it is an address or an error.
func TestParseAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`h:[0-9]{1,6}(,[a-z]{0,8}=?[0-9xms.:]{0,8}){0,3}`)).Draw(t, "text")
		if address, o, err := Parse(text); err == nil {
			_, err := o.complete(address)
			require.NoError(t, err)
		}
	})
}

// liteeth's core answers to one port, wherever it was asked from.
func TestDatagramsFromAPort(t *testing.T) {
	board, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	free, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	back, ok := free.LocalAddr().(*net.UDPAddr)
	require.True(t, ok)
	require.NoError(t, free.Close())
	var answering sync.WaitGroup
	answering.Go(func() {
		b := make([]byte, 1500)
		var p etherbone.Packet
		for {
			n, _, err := board.ReadFromUDP(b)
			if err != nil {
				return
			}
			if p.Decode(b[:n]) == nil && len(p.Records) == 1 {
				answer := etherbone.Packet{Records: []etherbone.Record{{WriteBase: p.Records[0].Return, Writes: p.Records[0].Reads}}}
				_, _ = board.WriteToUDP(answer.Append(nil), back)
			}
		}
	})
	r, err := DialRegisters(context.Background(), board.LocalAddr().String(), Options{Network: "udp", From: back.Port})
	require.NoError(t, err)
	v, err := r.Read(fpga.RegPlace)
	require.NoError(t, err)
	require.Equal(t, uint32(fpga.RegPlace), v, "this one answers with the address")
	require.NoError(t, r.Close())
	require.NoError(t, board.Close())
	answering.Wait()
}
