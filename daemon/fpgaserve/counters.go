package fpgaserve

import "sync/atomic"

// counters are counted by several goroutines.
type counters struct {
	hosts, refused              atomic.Uint64
	wordsIn, wordsOut           atomic.Uint64
	discarded                   atomic.Uint64
	connexions, records, broken atomic.Uint64
}

// Stats are what a server has seen.
type Stats struct {
	Hosts     uint64 `json:"hosts"`     // that had the streams
	Refused   uint64 `json:"refused"`   // that wanted them while another had them
	WordsIn   uint64 `json:"words_in"`  // that arrived in the event stream
	WordsOut  uint64 `json:"words_out"` // of results that were sent
	Discarded uint64 `json:"discarded"` // words of either stream that were under way for a host that went
	// Registers.
	Connexions uint64 `json:"register_connexions"`
	Records    uint64 `json:"register_records"`    // Etherbone's, executed
	Rejected   uint64 `json:"register_rejections"` // connexions and datagrams with something else
}

func (c *counters) stats() Stats {
	return Stats{
		Hosts: c.hosts.Load(), Refused: c.refused.Load(), WordsIn: c.wordsIn.Load(), WordsOut: c.wordsOut.Load(),
		Discarded: c.discarded.Load(), Connexions: c.connexions.Load(), Records: c.records.Load(), Rejected: c.broken.Load(),
	}
}
