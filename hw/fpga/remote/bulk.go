package remote

import (
	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/etherbone"
)

// ReadAt implements [fpga.BulkBus].
func (r *Registers) ReadAt(address uint32, values []uint32) error {
	if r.datagrams && address == fpga.RegData {
		return r.readPlaces(values)
	}
	r.records = r.records[:0]
	for left := len(values); left > 0; {
		n := min(left, r.most())
		r.records = append(r.records, etherbone.Record{Reads: r.same(address, n)})
		left -= n
	}
	return r.exchange(values)
}

// same gives an address so often.
func (r *Registers) same(address uint32, n int) []uint32 {
	address += r.options.Base
	if len(r.addresses) < n {
		r.addresses = make([]uint32, r.most()+1)
	}
	for i := range r.addresses[:n] {
		r.addresses[i] = address
	}
	return r.addresses[:n]
}

// WriteAt implements [fpga.BulkBus].
func (r *Registers) WriteAt(address uint32, values []uint32) error {
	switch {
	case r.datagrams && address == fpga.RegData:
		return r.writePlaces(values)
	case r.datagrams:
		for i := range values {
			var id [1]uint32
			r.records = append(r.records[:0], etherbone.Record{
				WriteBase: r.options.Base + address, Writes: values[i : i+1], Reads: r.same(fpga.RegID, 1),
			})
			if err := r.exchange(id[:]); err != nil {
				return err
			}
		}
		return nil
	case len(values) > 1:
		if err := r.askForFIFO(); err != nil {
			return err
		}
	}
	record := etherbone.Record{WriteBase: r.options.Base + address}
	n := 1
	if r.fifo {
		n, record.Flags = r.most(), etherbone.WriteFIFO
	}
	r.records = r.records[:0]
	for len(values) > 0 {
		record.Writes = values[:min(n, len(values))]
		values = values[len(record.Writes):]
		r.records = append(r.records, record)
	}
	return r.exchange(nil)
}

// askForFIFO finds out whether the other end heeds the flag by which all words of a record go to one address; LiteX's
// does not. Two words to RegWindow tell: where it does, the second of them is in it, and otherwise the first is, and the
// second in RegPlace. Both registers are put back.
func (r *Registers) askForFIFO() error {
	if r.asked {
		return nil
	}
	var before [2]uint32
	window := []uint32{fpga.RegWindow, fpga.RegPlace}
	if err := r.ReadList(window, before[:]); err != nil {
		return err
	}
	r.records = append(r.records[:0], etherbone.Record{
		Flags: etherbone.WriteFIFO, WriteBase: r.options.Base + fpga.RegWindow,
		Writes: []uint32{fpga.WindowMaster, fpga.WindowThresholds}, Reads: []uint32{r.options.Base + fpga.RegWindow},
	})
	var found [1]uint32
	if err := r.exchange(found[:]); err != nil {
		return err
	}
	r.asked, r.fifo = true, found[0] == fpga.WindowThresholds
	for i, address := range window {
		if err := r.Write(address, before[i]); err != nil {
			return err
		}
	}
	return nil
}

// readPlaces reads RegData by records that say where, so that it does not matter how often they are executed.
func (r *Registers) readPlaces(values []uint32) error {
	place, err := r.Read(fpga.RegPlace)
	if err != nil {
		return err
	}
	most := min(r.options.Burst-3, etherbone.MaxWords) - 1 // two bases, the place; and the place behind the last word
	got := make([]uint32, min(most, len(values))+1)
	for len(values) > 0 {
		n := min(most, len(values))
		reads := r.same(fpga.RegData, n+1)
		reads[n] = r.options.Base + fpga.RegPlace
		r.records = append(r.records[:0], etherbone.Record{WriteBase: r.options.Base + fpga.RegPlace, Writes: []uint32{place}, Reads: reads})
		if err := r.exchange(got[:n+1]); err != nil {
			return err
		}
		copy(values, got[:n])
		values, place = values[n:], got[n]
	}
	return nil
}

// writePlaces writes RegData likewise: RegPlace and RegData are neighbours, so a record has the place, the word, and the
// reading of where to go on.
func (r *Registers) writePlaces(values []uint32) error {
	place, err := r.Read(fpga.RegPlace)
	if err != nil {
		return err
	}
	var next [1]uint32
	for _, v := range values {
		r.records = append(r.records[:0], etherbone.Record{
			WriteBase: r.options.Base + fpga.RegPlace, Writes: []uint32{place, v}, Reads: r.same(fpga.RegPlace, 1),
		})
		if err := r.exchange(next[:]); err != nil {
			return err
		}
		place = next[0]
	}
	return nil
}
