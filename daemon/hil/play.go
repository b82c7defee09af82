package hil

import (
	"context"
	"errors"
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// PlayError is the first word of a device that is not what vectors expect.
type PlayError struct {
	Where     string // expected.hex, weights_out.hex, ...
	Word      int    // its number there, from 0
	Want, Got uint32
}

func (e *PlayError) Error() string {
	return fmt.Sprintf("hil: word %d of %s: expected %08x, found %08x", e.Word, e.Where, e.Want, e.Got)
}

// PlayOn connects to a device, or makes a model that has room for the layer, and plays the vectors to it.
func (v *Vectors) PlayOn(ctx context.Context, d Device) (err error) {
	if err := d.validate(); err != nil {
		return fmt.Errorf("hil: %w", err)
	}
	m := &v.Manifest
	link, err := d.connect(ctx, size{m.Side, m.Neurons, m.Banks, m.Width, m.Height})
	if err != nil {
		return fmt.Errorf("hil: %w", err)
	}
	defer func() { err = errors.Join(err, link.Close()) }()
	return v.Play(ctx, link)
}

// Play gives vectors to a device, as a test bench does, and compares every word that comes back, and what it holds in
// the end. The first that differs is a [*PlayError].
func (v *Vectors) Play(ctx context.Context, link hwfpga.Link) error {
	for i := 0; i+1 < len(v.Config); i += 2 {
		if err := link.Write(v.Config[i], v.Config[i+1]); err != nil {
			return err
		}
	}
	if err := complaint(link, "while it was configured"); err != nil {
		return err
	}
	s := &session{plain: link}
	if err := s.idle(ctx); err != nil {
		return err
	}
	if err := writeMemories(link, Memories{Master: signed(v.WeightsIn), Thresholds: signed(v.ThresholdsIn)}); err != nil {
		return err
	}
	if err := v.playStream(ctx, link); err != nil {
		return err
	}
	if err := s.idle(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		where  string
		window uint32
		words  []uint32
	}{
		{"weights_out.hex", hwfpga.WindowMaster, v.WeightsOut},
		{"thresholds_out.hex", hwfpga.WindowThresholds, v.ThresholdsOut},
		{"surface_out.hex", hwfpga.WindowSurface, v.SurfaceOut},
	} {
		got, err := readWindow(link, part.window, len(part.words))
		if err != nil {
			return err
		}
		for i, want := range part.words {
			if got[i] != want {
				return &PlayError{Where: part.where, Word: i, Want: want, Got: got[i]}
			}
		}
	}
	return complaint(link, "in the end")
}

// playStream sends the stimulus, and compares the results as they come.
func (v *Vectors) playStream(ctx context.Context, link hwfpga.Link) error {
	ends := v.ends()
	buffer := make([]uint32, 1<<10)
	sent, got, answered := 0, 0, 0 // words; those up to answered are no longer under way
	for got < len(v.Expected) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for answered < sent && ends[answered] <= got {
			answered++
		}
		if n := min(len(v.Stimulus)-sent, link.Window()-(sent-answered)); n > 0 {
			if err := link.Send(v.Stimulus[sent : sent+n]); err != nil {
				return err
			}
			sent += n
			continue
		}
		n, err := link.Receive(buffer)
		if err != nil {
			return err
		}
		for _, w := range buffer[:n] {
			if got == len(v.Expected) {
				return fmt.Errorf("hil: expected %d words of results, found more: %08x", got, w)
			}
			if want := v.Expected[got]; w != want {
				return &PlayError{Where: "expected.hex", Word: got, Want: want, Got: w}
			}
			got++
		}
	}
	return nil
}

// ends tells for each word of the stimulus how many words of results there are when the device has certainly taken it:
// those of its event or mark, or for other commands the first of what follows.
func (v *Vectors) ends() []int {
	per := 1
	if v.Manifest.Detail {
		per = 3
	}
	out := make([]int, len(v.Stimulus))
	first, total := -1, 0 // where the first word of what is under way is
	for i, w := range v.Stimulus {
		if first < 0 && w&hwfpga.NoTime == 0 {
			first = i
			continue
		}
		end := total + 1
		switch {
		case first < 0 || v.Stimulus[first]&^(1<<15) != hwfpga.CommandWord:
			total += per
			end = total
		case w&hwfpga.OpMask == hwfpga.OpMark:
			total++
		}
		if out[i] = end; first >= 0 {
			out[first], first = end, -1
		}
	}
	return out
}
