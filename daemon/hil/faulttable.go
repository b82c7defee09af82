package hil

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/sim/link"
)

// FaultTableConfig says how a table of faults is made.
type FaultTableConfig struct {
	Seeds  int   // runs of each fault, each of another place and event
	Events int64 // of the stream of each
	// Recordings are what is streamed, as in a run file; simulated saccades where there are none.
	Recordings []string
	// Only says which rows are made, nil for all.
	Only func(name string) bool
	// Done is called behind each row, nil for nobody.
	Done func(rows, of int)
}

// FaultRow is what is found of a fault, and how soon.
type FaultRow struct {
	Name string `json:"name"`
	// Driver is the driver of the product, which has no reference: features/feast on hw/fpga's engine, with a device
	// that has no checks of its words; Checked is the same with one that has them; Harness is a run that compares
	// everything with the reference. Those that a fault is not for have no runs.
	Driver  FaultFound `json:"driver"`
	Checked FaultFound `json:"driver_with_word_checks"`
	Harness FaultFound `json:"harness"`
	// Unseen says why the driver may miss it, UnseenUnchecked without the checks of words; empty where it may not.
	Unseen          string `json:"unseen,omitempty"`
	UnseenUnchecked string `json:"unseen_unchecked,omitempty"`
	TimeOnly        bool   `json:"time_only,omitempty"` // it changes no result
	// Exact says that the driver with word checks hands out no wrong result: it falls back ahead of that.
	Exact bool `json:"exact,omitempty"`
}

// FaultFound is what becomes of a fault in some runs.
type FaultFound struct {
	Runs     int `json:"runs"`
	Struck   int `json:"struck"`
	Detected int `json:"detected"`
	// Harmless are the runs in which nothing that can be seen was changed, and nothing was found; Escaped those in
	// which results or memories were wrong and nothing was found.
	Harmless int `json:"harmless"`
	Escaped  int `json:"escaped"`
	// Wrong is the most results of a run that were handed out and were wrong.
	Wrong int `json:"wrong"`
	// Events and Cycles are from where it struck to where it was found: the median and the most. Cycles are the
	// device's, of those runs in which its clock went on.
	Events [2]int64 `json:"events"`
	Cycles [2]int64 `json:"cycles"`
	// By are what found it, and how often.
	By map[string]int `json:"by"`

	events, cycles []int64
}

func (f *FaultFound) add(d detection) {
	f.Runs++
	if !d.struck {
		return
	}
	f.Struck++
	f.Wrong = max(f.Wrong, d.wrong)
	switch {
	case d.detected:
		f.Detected++
		if f.By == nil {
			f.By = map[string]int{}
		}
		f.By[d.by]++
		f.events = append(f.events, d.events)
		if d.cycles >= 0 {
			f.cycles = append(f.cycles, d.cycles)
		}
	case d.escaped():
		f.Escaped++
	default:
		f.Harmless++
	}
	f.Events, f.Cycles = spread(f.events), spread(f.cycles)
}

func spread(v []int64) [2]int64 {
	if len(v) == 0 {
		return [2]int64{-1, -1}
	}
	slices.Sort(v)
	return [2]int64{v[len(v)/2], v[len(v)-1]}
}

// Missed are the reasons for which a row is a failure: runs in which something was wrong that nobody found, where
// the row does not say why, or that was found too late; empty where there is none.
func (r *FaultRow) Missed() (out []string) {
	for _, of := range []struct {
		who    string
		found  *FaultFound
		reason string
	}{{"the driver", &r.Driver, r.UnseenUnchecked}, {"the driver with word checks", &r.Checked, r.Unseen}, {"the harness", &r.Harness, ""}} {
		if of.found.Escaped > 0 && of.reason == "" {
			out = append(out, fmt.Sprintf("%s: %s did not notice it in %d of %d runs", r.Name, of.who, of.found.Escaped, of.found.Struck))
		}
	}
	if r.Exact && r.Checked.Wrong > 0 {
		out = append(out, fmt.Sprintf("%s: the driver with word checks has handed out %d wrong results", r.Name, r.Checked.Wrong))
	}
	return out
}

// faultTable is a table that is being made.
type faultTable struct {
	config FaultTableConfig
	layer  feast.Config
	stream Stream
	in     []events.Event
	cpu    hw.Target
	// How often registers are read and written in a run of the whole stream, and of its first packet alone.
	accesses, few map[link.Class]int64
}

// FaultTable tries every fault that there is, at places and events drawn from seeds, on the driver and on the harness. A
// row's [FaultRow.Missed] says whether it is as it must be; the error is for tables that could not be made.
func FaultTable(ctx context.Context, c FaultTableConfig) ([]FaultRow, error) {
	cases := faultCases()
	if c.Only != nil {
		cases = slices.DeleteFunc(cases, func(k faultCase) bool { return !c.Only(k.name) })
	}
	if c.Seeds < 1 || c.Events < 8*driverPacket || c.Events > MaxEvents {
		return nil, fmt.Errorf("hil: table of faults: expected 1 or more seeds, and %d or more events, found %d and %d", 8*driverPacket, c.Seeds, c.Events)
	}
	t := &faultTable{config: c, layer: feast.Default()}
	t.layer.Anneal = feast.Anneal{Every: 300, Factor: 0.9, Floor: 0.1} // so that rates are written meanwhile
	t.stream = Stream{Recordings: c.Recordings, Events: c.Events}
	if len(c.Recordings) == 0 {
		t.stream.Simulated = []Simulator{{Kind: Saccades, Seed: 1, Recordings: int(1 + c.Events/1000)}}
	}
	var err error
	if t.cpu, err = hw.BestProcessor(); err != nil {
		return nil, fmt.Errorf("hil: %w", err)
	}
	if err := t.load(ctx, &t.stream, t.layer.Geometry()); err != nil {
		return nil, fmt.Errorf("hil: %w", err)
	}
	if int64(len(t.in)) < c.Events {
		return nil, fmt.Errorf("hil: table of faults: expected %d events, the stream has %d", c.Events, len(t.in))
	}
	if err := t.count(ctx); err != nil {
		return nil, fmt.Errorf("hil: %w", err)
	}
	rows := make([]FaultRow, len(cases))
	for i := range cases {
		if err := t.row(ctx, &cases[i], &rows[i]); err != nil {
			return nil, fmt.Errorf("hil: %w", err)
		}
		if c.Done != nil {
			c.Done(i+1, len(cases))
		}
	}
	return rows, nil
}

// count makes runs without a fault, and sees how often registers are used.
func (t *faultTable) count(ctx context.Context) error {
	all := t.in
	for _, of := range []struct {
		n    int
		into *map[link.Class]int64
	}{{driverPacket, &t.few}, {len(all), &t.accesses}} {
		t.in = all[:of.n]
		d := &driver{Target: t.cpu, row: &faultCase{name: "none"}, rule: &link.Rule{What: link.Reads, At: 1 << 40}, build: Build{}.fitting(sizeOf(t.layer))}
		found, err := t.drive(ctx, d)
		if err != nil {
			return err
		}
		if found.detected || found.wrong > 0 || found.state {
			return fmt.Errorf("without a fault: %+v: this is an error of saccade", found)
		}
		*of.into = map[link.Class]int64{link.Reads: d.link.Seen(link.Reads), link.Writes: d.link.Seen(link.Writes)}
	}
	t.in = all
	return nil
}

// row makes a row.
func (t *faultTable) row(ctx context.Context, k *faultCase, out *FaultRow) error {
	*out = FaultRow{Name: k.name, Unseen: k.unseen, UnseenUnchecked: k.unseenUnchecked, TimeOnly: k.timeOnly, Exact: k.exact}
	for seed := range uint64(t.config.Seeds) {
		rng := rand.New(rand.NewPCG(seed, 0xfab1e))
		f := k.fault
		f.Seed = seed
		f.At = t.config.Events/4 + rng.Int64N(t.config.Events/4)
		if k.few > 0 {
			f.At = 1 + rng.Int64N(k.few)
		}
		if !k.drop {
			rule, build := t.accessed(k.access, seed, rng), Build{}
			if k.short {
				build = shortFIFOs
			}
			for i, found := range []*FaultFound{&out.Driver, &out.Checked} {
				d := &driver{Target: t.cpu, row: k, config: f, rule: rule, build: build.fitting(sizeOf(t.layer))}
				d.build.Checks = i == 1
				got, err := t.drive(ctx, d)
				if err != nil {
					return err
				}
				found.add(got)
			}
		}
		if k.access == nil {
			got, err := t.watch(ctx, k, f)
			if err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			out.Harness.add(got)
		}
	}
	return nil
}

// accessed is a rule for one access: most of them are made when memories are loaded or stored, so that every other one
// is of those behind the first packet.
func (t *faultTable) accessed(r *link.Rule, seed uint64, rng *rand.Rand) *link.Rule {
	if r == nil {
		return nil
	}
	out := *r
	out.Seed = seed
	all, few := t.accesses[r.What], t.few[r.What]
	if out.At = rng.Int64N(all); seed%2 == 1 {
		out.At = all - 1 - rng.Int64N(all-few)
	}
	return &out
}

// FaultTableText is the table for people.
func FaultTableText(rows []FaultRow) string {
	var b strings.Builder
	b.WriteString("From where a fault strikes to where it is found: median and most of the runs. Driver: features/feast on hw/fpga's engine, without a reference; ")
	b.WriteString("packets of 256 events, counters and memories read every 1024. Harness: batches of 256 events, memories read behind each. ")
	b.WriteString("No cycles pass where the device had done its part already.\n\n")
	b.WriteString("| fault | driver | driver with word checks | harness |\n|---|---|---|---|\n")
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Name, r.Driver.text(), r.Checked.text(), r.Harness.text())
	}
	b.WriteString("\nWhat may be missed, and why:\n")
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Checked.Escaped > 0:
			fmt.Fprintf(&b, "- %s: %s\n", r.Name, r.Unseen)
		case r.Driver.Escaped > 0:
			fmt.Fprintf(&b, "- %s, without the checks of words: %s\n", r.Name, r.UnseenUnchecked)
		case r.TimeOnly:
			fmt.Fprintf(&b, "- %s: it changes nothing but the time\n", r.Name)
		}
	}
	return b.String()
}

func (f *FaultFound) text() string {
	if f.Runs == 0 {
		return "-"
	}
	var parts []string
	if f.Detected > 0 {
		by := make([]string, 0, len(f.By))
		for how, n := range f.By {
			by = append(by, fmt.Sprintf("%s %d", how, n))
		}
		slices.Sort(by)
		text := fmt.Sprintf("%d of %d behind %d/%d events", f.Detected, f.Struck, f.Events[0], f.Events[1])
		if f.Cycles[1] >= 0 {
			text += fmt.Sprintf(", %d/%d cycles", f.Cycles[0], f.Cycles[1])
		}
		parts = append(parts, text+": "+strings.Join(by, ", "))
	}
	if f.Harmless > 0 {
		parts = append(parts, fmt.Sprintf("%d harmless", f.Harmless))
	}
	if f.Escaped > 0 {
		parts = append(parts, fmt.Sprintf("**%d missed**", f.Escaped))
	}
	if f.Struck < f.Runs {
		parts = append(parts, fmt.Sprintf("%d did not strike", f.Runs-f.Struck))
	}
	if f.Wrong > 0 {
		parts = append(parts, fmt.Sprintf("%d results wrong at most", f.Wrong))
	}
	return strings.Join(parts, "; ")
}
