package frames

// grid says in which cells of a plane a pixel lies.
type grid struct {
	width, height int // cells
	columns, rows []span
}

// span is a run of rows or columns of cells, from the first to the end, which is not in
// it.
type span struct{ first, end uint16 }

func newGrid(c Config) grid {
	return grid{
		width: c.Columns(), height: c.Rows(),
		columns: spans(c.Width, c.Pool, c.Kernel), rows: spans(c.Height, c.Pool, c.Kernel),
	}
}

// spans are the cells of each pixel along a side. Cell i is the pixels from i*pool-lead
// on, kernel of them.
func spans(side, pool, kernel int) []span {
	lead := (kernel - pool) / 2
	out := make([]span, side)
	for x := range out {
		end := min((x+lead)/pool+1, cells(side, pool))
		// The first whose last pixel, i*pool-lead+kernel-1, is x or behind it.
		first := max(0, x+lead-kernel+pool) / pool
		out[x] = span{uint16(first), uint16(end)}
	}
	return out
}
