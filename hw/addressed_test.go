package hw

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// withAddressed runs a test without the kinds of addressed targets that are registered.
func withAddressed(t *testing.T) {
	t.Helper()
	withRegistry(t)
	real := addressed
	addressed = nil
	t.Cleanup(func() { addressed = real })
}

func TestFindAddressed(t *testing.T) {
	withAddressed(t)
	Register(fakeTarget{name: "cpu"}, 0)
	at := func(address string) (Target, error) {
		if address == "" {
			return nil, errors.New("expected HOST:PORT, found nothing")
		}
		return fakeTarget{name: "board@" + address}, nil
	}
	RegisterAddressed(Addressed{Prefix: "tape", Form: "tape@N", Description: "a tape", At: func(string) (Target, error) {
		return fakeTarget{name: "tape", why: errors.New("it is torn")}, nil
	}})
	RegisterAddressed(Addressed{Prefix: "board", Form: "board@HOST:PORT", Description: "a board", At: at})

	forms := []string{}
	for _, a := range AddressedTargets() {
		forms = append(forms, a.Form)
	}
	require.Equal(t, []string{"board@HOST:PORT", "tape@N"}, forms)
	AddressedTargets()[0].Prefix = "other"

	target, err := Find("board@here:1@2")
	require.NoError(t, err)
	require.Equal(t, "board@here:1@2", target.Name(), "all behind the first @ is the address")
	for name, want := range map[string]string{
		"board@":  "device board@ cannot be used: expected HOST:PORT, found nothing",
		"tape@3":  "device tape@3 cannot be used: it is torn",
		"board":   `unknown device "board": known are cpu, board@HOST:PORT, tape@N`,
		"shelf@1": `unknown device "shelf@1": known are cpu, board@HOST:PORT, tape@N`,
	} {
		_, err := Find(name)
		require.EqualError(t, err, want)
	}
	target, err = Find(Auto)
	require.NoError(t, err)
	require.Equal(t, "cpu", target.Name(), "auto stays on this machine")
}

func TestRegisterAddressedIsChecked(t *testing.T) {
	withAddressed(t)
	good := Addressed{Prefix: "a", Form: "a@B", Description: "it", At: func(string) (Target, error) { return fakeTarget{}, nil }}
	RegisterAddressed(good)
	require.PanicsWithValue(t, PanicDuplicateTarget, func() { RegisterAddressed(good) })
	for _, change := range []func(a *Addressed){
		func(a *Addressed) { a.Prefix = "" },
		func(a *Addressed) { a.Prefix, a.Form = "a@b", "a@b@C" },
		func(a *Addressed) { a.Form = "b@C" },
		func(a *Addressed) { a.Description = "" },
		func(a *Addressed) { a.At = nil },
	} {
		bad := good
		change(&bad)
		require.PanicsWithValue(t, PanicAddressed, func() { RegisterAddressed(bad) })
	}
}
