package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
)

type convertCmd struct {
	Files       []string      `arg:"" name:"file" help:"The recording, or several with --merge, and last the file to write; - for the standard input and output."`
	Format      string        `help:"The format to write, where the name's extension does not say it." placeholder:"NAME"`
	From        timeFlag      `help:"Leave out what is earlier: 1.5s or 250ms behind the first event, @11718656us by the recording's own clock." placeholder:"TIME"`
	To          timeFlag      `help:"Leave out what is as late or later." placeholder:"TIME"`
	Crop        areaFlag      `help:"Leave out events beyond an area, which becomes the whole sensor." placeholder:"X,Y,WxH"`
	CropKeep    bool          `help:"With --crop: leave the events of the area where they are."`
	Polarity    string        `help:"Leave out events but the ON or the OFF ones." placeholder:"on|off"`
	Background  time.Duration `help:"Leave out events without another nearby in the time before: 5ms." placeholder:"TIME"`
	Refractory  time.Duration `help:"Leave out events that follow on one at the same pixel sooner than this: 1ms." placeholder:"TIME"`
	Rebase      bool          `help:"Count time from the first event, or from --from: for formats that cannot hold a camera's own times."`
	Merge       bool          `help:"Make one recording of several, ordered by time."`
	Lenient     bool          `help:"Read on behind damage where the format allows, and leave out what cannot be held in the format to write, instead of ending there."`
	InputFormat string        `help:"The recordings' format, where it cannot be told from their content." placeholder:"NAME"`
	Geometry    geometry      `help:"The sensor's size, where the recordings do not say." placeholder:"WxH"`
	Topic       string        `help:"Of a ROS bag, the topic to read; else the first with events." placeholder:"NAME"`
	Compression string        `help:"Of AEDAT 4: none, lz4, lz4-high, zstd or zstd-high. Default: lz4." placeholder:"NAME"`
	JSON        bool          `name:"json" help:"Print one JSON object of what was read, written and dropped."`
}

// dash stands for the standard input or output.
const dash = "-"

func (c *convertCmd) Run(e *env) (err error) {
	in, out := c.Files[:len(c.Files)-1], c.Files[len(c.Files)-1]
	target, err := c.check(in, out)
	if err != nil {
		return usageError{err}
	}
	r := &conversion{cmd: c, env: e, target: target, out: out}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(in); err != nil {
		return err
	}
	reader, err := r.edited()
	if err != nil {
		return err
	}
	if err := e.ctx.Err(); err != nil {
		return err
	}
	damage, err := r.write(reader)
	if err != nil {
		return err
	}
	if err := r.tell(); err != nil {
		return err
	}
	return damage
}

// check finds what is wrong with the command line, and the format to write.
func (c *convertCmd) check(in []string, out string) (*events.Format, error) {
	switch {
	case len(in) == 0:
		return nil, errors.New("expected a recording and the file to write, found one name")
	case len(in) > 1 && !c.Merge:
		return nil, fmt.Errorf("expected one recording and the file to write, found %d names; --merge makes one recording of several", len(c.Files))
	case c.CropKeep && !c.Crop.Known():
		return nil, errors.New("--crop-keep is of use with --crop only")
	case c.JSON && out == dash:
		return nil, errors.New("--json and the recording cannot both go to the standard output")
	}
	stdin := 0
	for _, path := range in {
		if path == dash {
			stdin++
		}
	}
	if stdin > 1 {
		return nil, fmt.Errorf("the standard input can be read once, and was named %d times", stdin)
	}
	switch c.Polarity {
	case "", "on", "off":
	default:
		return nil, fmt.Errorf("--polarity: expected on or off, found %q", c.Polarity)
	}
	if c.InputFormat != "" {
		if _, err := events.FormatByName(c.InputFormat); err != nil {
			return nil, err
		}
	}
	if err := c.checkPeriods(); err != nil {
		return nil, err
	}
	if c.From.set && c.To.set && c.From.Absolute == c.To.Absolute && c.From.US >= c.To.US {
		return nil, fmt.Errorf("--from %v is not before --to %v", c.From, c.To)
	}
	target, err := targetFormat(c.Format, out)
	if err != nil {
		return nil, err
	}
	return target, c.checkCompression(target)
}

// timeFlag is a flag that holds a time in a recording.
type timeFlag struct {
	edit.Time
	set bool
}

// UnmarshalText reads a time.
func (t *timeFlag) UnmarshalText(text []byte) error {
	t.set = true
	return t.Time.UnmarshalText(text)
}

// areaFlag is a flag that holds an area of pixels.
type areaFlag struct{ edit.Area }

// UnmarshalText reads an area.
func (a *areaFlag) UnmarshalText(text []byte) error { return a.Area.UnmarshalText(text) }
