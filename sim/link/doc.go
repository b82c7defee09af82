// Package link is a link to a device that goes wrong on purpose: it stands around another one and drops, repeats,
// reorders, delays and changes words, loses and changes accesses to registers, and disconnects, as [Rule]s say.
//
//	host ─▶ Send ─▶ rules for words in ─▶ the link around which it stands ─▶ rules for words out ─▶ Receive ─▶ host
//	host ─▶ Read, Write ─▶ rules for registers ─▶ the link
//
// A rule names what it is about, by [Class]: the first words of events, their time words, commands with the words that
// announce them, results, the words behind a result, marks, readings, writings. It strikes the word of a number, once,
// or each with a probability, drawn from a seed. The same rules and the same calls give the same faults.
//
// # Time
//
// Nothing sleeps. A [Clock] is handed in: each word that goes by is a tick of it, and where the host waits and nothing comes,
// it goes on to when the next late word is due, as far as the link has patience ([Options].Patience): what comes later than
// that is a timeout, and comes nevertheless when somebody asks again.
package link
