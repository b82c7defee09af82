package hwtest

import (
	"sync"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// Targets runs a test on every registered target that can be used on this
// machine, as a subtest of its name, and fails when one of them was not
// exercised: because its test was skipped, or because a pattern left it out. A
// target that cannot be used here is named in the log with the reason.
func Targets(t *testing.T, test func(t *testing.T, target hw.Target)) {
	t.Helper()
	var mu sync.Mutex
	exercised := map[string]bool{}
	var usable []string
	for _, target := range hw.Targets() {
		name := target.Name()
		if err := target.Usable(); err != nil {
			t.Logf("%s is not tested, as it cannot be used here: %v", name, err)
			continue
		}
		usable = append(usable, name)
		t.Run(name, func(t *testing.T) {
			// At the end of the subtest and of those that it has started itself.
			t.Cleanup(func() {
				mu.Lock()
				defer mu.Unlock()
				exercised[name] = !t.Skipped()
			})
			test(t, target)
		})
	}
	if len(usable) == 0 {
		t.Error("no target can be used here: is the package that registers them imported?")
	}
	// Behind the subtests, those that run in parallel included.
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, name := range usable {
			if !exercised[name] {
				t.Errorf("target %s can be used here and was not exercised", name)
			}
		}
	})
}
