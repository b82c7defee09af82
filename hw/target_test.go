package hw

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

type fakeTarget struct {
	name string
	why  error
}

func (f fakeTarget) Name() string        { return f.name }
func (f fakeTarget) Describe() string    { return "a fake" }
func (f fakeTarget) Features() []Feature { return nil }
func (f fakeTarget) Usable() error       { return f.why }
func (f fakeTarget) Kernels() *Kernels   { return nil }

// withRegistry runs a test with an empty registry and puts the real one back.
func withRegistry(t *testing.T) {
	t.Helper()
	real := registry
	registry = nil
	t.Cleanup(func() { registry = real })
}

func TestFind(t *testing.T) {
	withRegistry(t)
	_, err := Find("")
	require.EqualError(t, err, "no device can be used here: known are none")
	_, err = Find("slow")
	require.EqualError(t, err, `unknown device "slow": known are none`)

	Register(fakeTarget{name: "slow"}, 0)
	Register(fakeTarget{name: "best", why: errors.New("the machine has no such unit")}, 30)
	Register(fakeTarget{name: "good"}, 20)
	Register(fakeTarget{name: "as good"}, 20)
	require.PanicsWithValue(t, PanicDuplicateTarget, func() { Register(fakeTarget{name: "slow"}, 5) })

	names := make([]string, 0, 4)
	for _, target := range Targets() {
		names = append(names, target.Name())
	}
	require.Equal(t, []string{"best", "good", "as good", "slow"}, names, "best first, usable or not")

	for _, auto := range []string{"", Auto} {
		target, err := Find(auto)
		require.NoError(t, err)
		require.Equal(t, "good", target.Name(), "the best that can be used")
	}
	target, err := Find("slow")
	require.NoError(t, err)
	require.Equal(t, "slow", target.Name())

	_, err = Find("best")
	require.EqualError(t, err, "device best cannot be used here: the machine has no such unit")
	_, err = Find("cuda")
	require.EqualError(t, err, `unknown device "cuda": known are best, good, as good, slow`)
}

func TestFindWhereNoneIsUsable(t *testing.T) {
	withRegistry(t)
	Register(fakeTarget{name: "board", why: errors.New("not connected")}, 0)
	_, err := Find(Auto)
	require.EqualError(t, err, "no device can be used here: known are board")
}

func TestTargetsIsACopy(t *testing.T) {
	withRegistry(t)
	Register(fakeTarget{name: "one"}, 0)
	Targets()[0] = fakeTarget{name: "another"}
	require.Equal(t, "one", Targets()[0].Name())
}

func TestMissing(t *testing.T) {
	features := []Feature{
		{Name: "A", Required: true, Present: true}, {Name: "B", Required: true}, {Name: "C"}, {Name: "D", Required: true},
	}
	require.EqualError(t, Missing(features), "the processor, or the system on it, lacks B, D")
	require.NoError(t, Missing(features[:1]))
	require.NoError(t, Missing(nil))
}
