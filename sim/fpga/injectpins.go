package fpga

// damagedPins is what the pins say where they are at fault, or the clock is.
func (d *Device) damagedPins(o Out) Out {
	for _, i := range d.injected {
		if !i.active {
			continue
		}
		switch i.fault.Kind {
		case Stall:
			o.Ready, o.Valid, o.Word = false, false, 0
		case ReadyStuck:
			o.Ready = true
		}
	}
	return o
}
