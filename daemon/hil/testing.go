package hil

import "context"

// T is what [Test] needs of a *testing.T, so that programs that only make runs do not hold the testing package.
type T interface {
	Helper()
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Test makes a run within a test, which fails with everything that is known where the run does not pass. The report is
// for further tests.
func Test(t T, c Config, with ...Option) *Report {
	t.Helper()
	r, err := Run(t.Context(), c, with...)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	if !r.Passed {
		t.Errorf("%s", r.Text())
	} else {
		t.Logf("%s", r.Text())
	}
	return r
}
