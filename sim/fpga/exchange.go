package fpga

// Exchange puts words into the device and takes results from it, as fast as it does either, until results is full, or
// until nothing is under way any more. It tells how many words were taken and how many results came; [ErrStuck] is
// the error of a device that neither takes words nor gives results, as one does that was not configured.
func (d *Device) Exchange(words, results []uint32) (taken, given int, err error) {
	for quiet := 0; given < len(results); quiet++ {
		out := d.Out()
		in := In{}
		if taken < len(words) {
			in.Valid, in.Word = true, words[taken]
			if out.Ready {
				taken++
				quiet = 0
			}
		}
		if out.Valid {
			in.Ready = true
			results[given] = out.Word
			given++
			quiet = 0
		}
		if !in.Valid && !out.Valid && d.Idle() {
			return taken, given, nil
		}
		if quiet > stuckAfter {
			return taken, given, ErrStuck
		}
		d.Tick(in)
	}
	return taken, given, nil
}
