package fpga

// BulkBus is a bus that reads and writes many words at once, for less than so many single accesses cost: one answer
// over a network for hundreds of them. Links may be one.
type BulkBus interface {
	Bus
	// ReadAt reads one register so often, into values, and WriteAt writes all of values to one register, in
	// their order: RegData goes on to the next place with every access.
	ReadAt(address uint32, values []uint32) error
	WriteAt(address uint32, values []uint32) error
}

// ListBus is a bus that reads several registers at once. What it reads at once is read by nobody else in
// between, where the other end promises that: a counter's two halves belong together.
type ListBus interface {
	Bus
	// ReadList reads each of the addresses, in their order, into the value beside it.
	ReadList(addresses, values []uint32) error
}

// Bulk is the bus itself where it is a [BulkBus], and otherwise one that goes word by word.
func Bulk(b Bus) BulkBus {
	if bulk, ok := b.(BulkBus); ok {
		return bulk
	}
	return singly{b}
}

// singly is a bus whose words go one by one.
type singly struct{ Bus }

func (s singly) ReadAt(address uint32, values []uint32) (err error) {
	for i := range values {
		if values[i], err = s.Read(address); err != nil {
			return err
		}
	}
	return nil
}

func (s singly) WriteAt(address uint32, values []uint32) error {
	for _, v := range values {
		if err := s.Write(address, v); err != nil {
			return err
		}
	}
	return nil
}

// PanicList is the panic of ReadList for addresses and values that are not as many.
const PanicList = "fpga: ReadList needs a value for each address"

// ReadList reads each of the addresses into the value beside it, at once where the bus can.
func ReadList(b Bus, addresses, values []uint32) (err error) {
	if len(addresses) != len(values) {
		panic(PanicList)
	}
	if list, ok := b.(ListBus); ok {
		return list.ReadList(addresses, values)
	}
	for i, a := range addresses {
		if values[i], err = b.Read(a); err != nil {
			return err
		}
	}
	return nil
}
