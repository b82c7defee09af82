package hil_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/hil"
)

// wrongRun is a run with everything in its report.
func wrongRun(t *testing.T) *hil.Report {
	t.Helper()
	c := stress(2000)
	c.Name = `<b>"wrong" & ]]>` + "\x07 run"
	c.Faults = []hil.FaultConfig{
		{Kind: "flip weight", At: 500, Parameters: map[string]int64{"place": 3<<16 | 5<<8 | 6, "bit": 22}},
		{Kind: "corrupt", Direction: hil.In, At: 3100, Parameters: map[string]int64{"bit": 29}},
	}
	c.Pass.FaultsDetected = true
	r := run(t, c)
	require.Equal(t, []string{"mismatches", "memories"}, failed(r))
	return r
}

// The report is the same from JSON as it was.
func TestJSON(t *testing.T) {
	r := wrongRun(t)
	b, err := json.Marshal(r)
	require.NoError(t, err)
	var back hil.Report
	require.NoError(t, json.Unmarshal(b, &back))
	again, err := json.Marshal(&back)
	require.NoError(t, err)
	require.JSONEq(t, string(b), string(again))
	require.Equal(t, r.First, back.First)
	var total int64
	for _, p := range r.Map.Pixels {
		total += p.Count
	}
	require.Equal(t, r.Counts.Mismatches, total+r.Map.Beyond)
	total = 0
	for _, n := range r.Map.Bins {
		total += n
	}
	require.Equal(t, r.Counts.Mismatches, total)
	require.LessOrEqual(t, len(r.Map.Bins), 128)
	require.Equal(t, (r.Events-1)/r.Map.BinEvents+1, int64(len(r.Map.Bins)))
}

// JUnit's XML has a test case for each criterion, and what is wrong with those that fail.
func TestJUnit(t *testing.T) {
	r := wrongRun(t)
	b, err := r.JUnit()
	require.NoError(t, err)
	var suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Failures int      `xml:"failures,attr"`
		Suite    struct {
			Tests int `xml:"tests,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(b, &suites))
	require.Equal(t, 2, suites.Failures)
	require.Equal(t, len(r.Verdicts), suites.Suite.Tests)
	for i, c := range suites.Suite.Cases {
		require.Equal(t, r.Verdicts[i].Name, c.Name)
		require.Equal(t, r.Verdicts[i].Passed, c.Failure == nil)
		if c.Name == "mismatches" {
			require.Contains(t, c.Failure.Message, "expected at most 0, found ")
			require.Contains(t, c.Failure.Text, "first mismatch: ")
		}
	}
}

// The page needs nothing but itself, whatever texts are in it.
func TestHTML(t *testing.T) {
	r := wrongRun(t)
	b, err := r.HTML()
	require.NoError(t, err)
	text := string(b)
	require.NotContains(t, text, "<b>")
	require.NotContains(t, text, "<script")
	require.NotRegexp(t, `(?i)(src|href)="?(https?:|//)|url\(|@import`, text)
	require.Equal(t, 3, strings.Count(text, "<svg "))
	require.Equal(t, 1, strings.Count(text, `src="data:image/png;base64,`))
	for _, wanted := range []string{"Content-Security-Policy", "p99", "first mismatch: ", "flip weight: struck 1 time in 1 batch", "mismatches in 64 events"} {
		require.Contains(t, text, wanted)
	}
	require.Less(t, len(b), 200_000)
	if out := os.Getenv("SACCADE_HIL_PAGE"); out != "" { // to look at
		require.NoError(t, os.WriteFile(out, b, 0o600))
	}

	passed, err := run(t, stress(50)).HTML()
	require.NoError(t, err)
	require.Contains(t, string(passed), "There were none.")
	none := hil.Report{}
	_, err = none.HTML()
	require.NoError(t, err)
}

func TestText(t *testing.T) {
	text := wrongRun(t).Text()
	lines := strings.Split(text, "\n")
	require.Equal(t, `<b>"wrong" & ]]>  run: FAILED`, lines[0])
	for _, wanted := range []string{"FAIL  mismatches", "pass  drops", "unit       learning", "FIFOs      ", "fault      corrupt in: struck 1 time in 1 batch", "register   044 height                     00000022"} {
		require.Contains(t, text, wanted)
	}
}
