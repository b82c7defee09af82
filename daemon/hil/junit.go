package hil

import (
	"encoding/xml"
	"strings"
)

// JUnit's XML as continuous integration reads it: a suite with a test case for each criterion.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Time     float64    `xml:"time,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       float64         `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Output     string          `xml:"system-out"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    float64       `xml:"time,attr"`
		Failure *junitFailure `xml:"failure,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit is the report as JUnit XML.
func (r *Report) JUnit() ([]byte, error) {
	s := junitSuite{Name: r.Name, Tests: len(r.Verdicts), Time: r.Seconds, Output: r.Text()}
	s.Properties = []junitProperty{{"device", r.Config.Device.Address}, {"reference", r.Reference}}
	for i, v := range r.Verdicts {
		c := junitCase{Name: v.Name, Class: "hil." + strings.ReplaceAll(r.Name, ".", "_")}
		if i == 0 {
			c.Time = r.Seconds // the run as a whole
		}
		if !v.Passed {
			s.Failures++
			c.Failure = &junitFailure{Message: "expected " + v.Wanted + ", found " + v.Found, Type: "criterion"}
			if r.First != nil && v.Name == "mismatches" {
				c.Failure.Text = r.First.Text()
			}
		}
		s.Cases = append(s.Cases, c)
	}
	out, err := xml.MarshalIndent(junitSuites{Tests: s.Tests, Failures: s.Failures, Time: s.Time, Suite: s}, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(out, '\n')...), nil
}
