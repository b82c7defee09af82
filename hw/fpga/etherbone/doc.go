// Package etherbone is the protocol by which registers are read and written over a network: CERN's Etherbone as
// LiteX speaks it, over UDP to liteeth's core on a board, and over TCP to litex_server or to a simulator. All
// numbers are big-endian; addresses count bytes.
//
//	packet   0        2    3     4            8
//	         ┌────────┬────┬─────┬────────────┬────────────────
//	         │ 4e 6f  │ vf │ 44  │ padding    │ records ...
//	         └────────┴────┴─────┴────────────┴────────────────
//	         v: version 1; f: no reads 4, probe reply 2, probe 1; 44: addresses and words of 32 bits
//
//	record   0       1        2        3        4            8
//	         ┌───────┬────────┬────────┬────────┬────────────┬──────────┬────────────────┬───────────────
//	         │ flags │ enable │ writes │ reads  │ write base │ words .. │ return address │ addresses ..
//	         └───────┴────────┴────────┴────────┴────────────┴──────────┴────────────────┴───────────────
//	         flags: bca 1, rca 2, rff 4, cyc 16, wca 32, wff 64
//
// The write base is there where words are written, the return address where words are read. Words are written to
// addresses that rise by 4 from the base, or all to the base where wff says that it is a FIFO. What is read is
// answered by a packet whose record writes it to the return address. Writes are not answered.
//
// The flags have the bits that LiteX gives them; it sets none of them and its core ignores them, so a client must know, or find
// out, whether the other end heeds wff. CERN's own gateware has them the other way round.
//
// # On a stream
//
// TCP carries packets of one record each, one behind the other. A reader takes the first twelve bytes, and then as
// many as the counts in them say. litex_server takes 4 bytes for a base even where both counts are 0, so such a
// packet, and a probe, has 16 bytes; and it cannot read a record that writes as well as reads, so [Stream] sends none.
//
// # In datagrams
//
// UDP loses, repeats and reorders. Etherbone has no sequence numbers, but the return address comes back with what was read,
// and nobody else uses it: [Datagrams] counts in it, so that an answer to an earlier try is known for what it is. Every record
// must read something, so that it is known to have been executed, and it may be executed more than once where an answer
// is lost: it must not matter how often. See [Datagrams.Exchange].
//
// A record with writes and reads is executed in that order, and as a whole. liteeth's core takes one record a packet, of as
// many words, bases among them, as it was built with (buffer_depth).
//
// # What is ours
//
// Configuration spaces (rca, wca, bca), words of other sizes and byte enables but all four are refused. Probes are
// answered with what they hold, as liteeth's core does.
package etherbone
