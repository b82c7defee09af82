package prophesee_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/evt2"
	_ "github.com/saccade-dev/saccade/events/evt21"
	_ "github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
)

// ours are the rows of the list of recordings that this family of formats reads,
// by their format column.
var ours = regexp.MustCompile(`^(?:DERIVED: |MADE: )?(?:Prophesee RAW )?EVT ?(2\.1|21|2|3)`)

// Every recording holds what the list says, down to the bit, and whatever the
// packets are like; and it can be written in either encoding and read again.
func TestRealRecordings(t *testing.T) {
	first := map[string][]events.Trigger{} // by the name of the test
	formattest.Recordings{
		Formats: []string{"evt2", "evt21", "evt3"},
		Of:      ours.MatchString,
		Written: []string{"evt2", "evt3"},
		Watch: func(t *testing.T, r events.Reader) func(*formattest.Content) {
			var triggers []events.Trigger
			formattest.Triggers(t, r, &triggers)
			return func(c *formattest.Content) {
				require.Equal(t, c.Skipped["external trigger"], int64(len(triggers)))
				if before, again := first[t.Name()]; again {
					require.Equal(t, before, triggers)
				}
				first[t.Name()] = triggers
			}
		},
		Check: func(t *testing.T, row formattest.Row, _ []byte, c *formattest.Content) {
			version := strings.ReplaceAll(ours.FindStringSubmatch(row.Format())[1], ".", "")
			require.Equal(t, "evt"+version, c.Header.Format)
			require.NotEmpty(t, c.Events)
		},
	}.Run(t)
}
