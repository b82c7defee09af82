package evt3

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

const (
	// ahead is how many bytes bulk looks at in one go: a vector of a camera.
	ahead = 4 * wordBytes
	// spread is how many events expand may write, those beyond the last one
	// included.
	spread = 2 * tripleSpan

	// The types of VECT_BASE_X, VECT_12, VECT_12 and VECT_8, and where they stand.
	tripleMask = 0xf000_f000_f000_f000
	tripleIs   = typeVect8<<60 | typeVect12<<44 | typeVect12<<28 | typeVectBaseX<<12
)

// bulk decodes words as long as there is room for the events of a whole vector and
// the words are of frequent types and their events on the sensor. It gives the
// bytes taken and the events made. Time must be known.
func (m *machine) bulk(data []byte, out []events.Event) (n, k int) {
	base, low, y, x, on := m.Base, m.low, m.y, m.x, m.on
	bias, width, height := m.Bias, m.Width, m.Height
	biasX, biasY := uint64(bias&0xffff)*lanes, uint64(bias>>16)*lanes
loop:
	for len(data)-n >= ahead && len(out)-k >= spread {
		if y >= height {
			break
		}
		q := binary.LittleEndian.Uint64(data[n:])
		if q&never|q>>1&^q&(notRow*lanes) == 0 { // all four are words for singles
			dn, dk, t, row := singles(data[n:], out[k:], base, base+int64(low), y, biasX, biasY)
			n, k, low, y = n+dn, k+dk, uint32(t-base), row
			if len(data)-n < ahead || len(out)-k < spread {
				break
			}
			q = binary.LittleEndian.Uint64(data[n:])
		}
		w := uint32(q & 0xffff)
		switch kind := w >> typeShift; kind {
		case typeAddrY:
			y = w & coordMask
		case typeTimeLow:
			low = w & partMask
		case typeAddrX:
			xy := w&coordMask | y<<16
			if (xy+bias)&prophesee.Off != 0 {
				break loop
			}
			out[k] = events.Event{T: base + int64(low), X: uint16(xy), Y: uint16(y), P: events.Polarity(w >> onShift & 1)}
			k++
		case typeVectBaseX:
			x, on = w&coordMask, w>>onShift&1
			if q&tripleMask == tripleIs && x+tripleSpan <= width && y < height {
				valid := uint32(q>>16&0xfff | q>>20&0xfff000 | q>>24&0xff000000)
				k += expand(out[k:], valid, base+int64(low), x, y, on)
				x += tripleSpan
				n += 3 * wordBytes
			}
		case typeVect12:
			if x+vect12 > width || y >= height {
				break loop
			}
			k += expand(out[k:], w&partMask, base+int64(low), x, y, on)
			x += vect12
		case typeVect8:
			if x+vect8 > width || y >= height {
				break loop
			}
			k += expand(out[k:], w&vect8Mask, base+int64(low), x, y, on)
			x += vect8
		case typeTimeHigh:
			m.low = low
			m.timeHigh(w & partMask)
			base, low = m.Base, m.low
		case typeOthers:
			m.Others++
		case typeContinued4, typeContinued12:
			m.Continuations++
		default:
			break loop
		}
		n += wordBytes
	}
	m.low, m.y, m.x, m.on = low, y, x, on
	return n, k
}
