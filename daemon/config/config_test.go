package config

import (
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDefaultIsValid(t *testing.T) {
	require.NoError(t, Default().Validate())
}

// Every field has what Print and the decoder need of it.
func TestEveryFieldIsDescribed(t *testing.T) {
	var walk func(typ reflect.Type, at string)
	walk = func(typ reflect.Type, at string) {
		seen := map[string]bool{}
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, doc := f.Tag.Get("yaml"), f.Tag.Get("doc")
			here := join(at, name)
			require.True(t, f.IsExported(), "%s of %s", f.Name, typ)
			require.Regexp(t, `^[a-z][a-z0-9_]*$`, name, "name of %s in %s", f.Name, typ)
			require.False(t, seen[name], "%s: two fields of this name", here)
			seen[name] = true
			require.GreaterOrEqual(t, len(doc), 10, "%s has no comment", here)
			require.True(t, strings.HasSuffix(doc, "."), "%s: the comment is no sentence", here)
			switch f.Type.Kind() {
			case reflect.Struct:
				walk(f.Type, here)
			case reflect.Slice:
				if f.Type.Elem().Kind() == reflect.Struct {
					walk(f.Type.Elem(), here+"[]")
				}
			case reflect.String:
			default:
				require.NotPanics(t, func() { set(reflect.New(f.Type).Elem(), "x") }, here)
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
}

func TestUsesEmbedded(t *testing.T) {
	require.True(t, Default().NATS.UsesEmbedded())
	require.False(t, NATS{URL: "nats://h"}.UsesEmbedded())
	require.False(t, NATS{Context: "lab"}.UsesEmbedded())
}

func TestFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("STATE_DIRECTORY", "")
	folder := func(e Embedded) string {
		dir, err := e.Folder()
		require.NoError(t, err)
		return dir
	}
	require.Equal(t, filepath.Join(home, ".local", "state", "saccade"), folder(Embedded{}))
	t.Setenv("XDG_STATE_HOME", "relative")
	require.Equal(t, filepath.Join(home, ".local", "state", "saccade"), folder(Embedded{}))
	t.Setenv("XDG_STATE_HOME", home)
	require.Equal(t, filepath.Join(home, "saccade"), folder(Embedded{}))
	t.Setenv("STATE_DIRECTORY", "/var/lib/saccade:/var/lib/other")
	require.Equal(t, "/var/lib/saccade", folder(Embedded{}))
	require.Equal(t, "here", folder(Embedded{DataDir: "here"}))

	t.Setenv("STATE_DIRECTORY", "")
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "")
	t.Setenv("USERPROFILE", "")
	_, err := Embedded{}.Folder()
	require.ErrorContains(t, err, "nats.embedded.data_dir")
}

func TestAccepts(t *testing.T) {
	s := Sensors{Accept: []string{"cam-*", "door", "x?z"}}
	for name, want := range map[string]bool{
		"cam-": true, "cam-1": true, "cam": false, "door": true, "doors": false, "xyz": true, "xz": false, "": false,
	} {
		require.Equal(t, want, s.Accepts(name), name)
	}
	require.True(t, Default().Ingest.Sensors.Accepts("anything"))
	require.False(t, Sensors{}.Accepts("anything"))
}

// On names without separators and brackets the standard library's patterns mean
// the same; theirs is the slower way.
func TestMatchesAsPathMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*?]{0,8}`).Draw(t, "pattern")
		name := rapid.StringMatching(`[ab]{0,8}`).Draw(t, "name")
		want, err := path.Match(pattern, name)
		require.NoError(t, err)
		require.Equal(t, want, matches(pattern, name))
	})
}

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "512": 512, "512B": 512, "1KiB": KiB, "1 MiB": MiB, "3GiB": 3 * GiB, "2kB": 2000, "2MB": 2e6, "1GB": 1e9,
		"9223372036854775807": 1<<63 - 1,
	} {
		got, err := ParseSize(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", "B", "MiB", "-1", "+1", "1.5MiB", "1K", "1mib", "1 ", " 1", "1  MiB", "0x10", "1_000",
		"9223372036854775808", "8589934592GiB", "99999999999999999999",
	} {
		_, err := ParseSize(text)
		require.ErrorContains(t, err, "expected a size", text)
	}
	rapid.Check(t, func(t *rapid.T) {
		want := Size(rapid.Int64Range(0, 1<<40).Draw(t, "n")) << rapid.IntRange(0, 20).Draw(t, "shift")
		got, err := ParseSize(want.String())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestSwitch(t *testing.T) {
	for s, want := range map[Switch][2]bool{Auto: {false, true}, On: {true, true}, Off: {false, false}} {
		require.Equal(t, want, [2]bool{s.Is(false), s.Is(true)}, s)
		again, err := parseSwitch(s.String())
		require.NoError(t, err)
		require.Equal(t, s, again)
	}
	_, err := parseSwitch("Auto")
	require.Error(t, err)
	_, err = parseSwitch((Off + 1).String())
	require.Error(t, err)
}
