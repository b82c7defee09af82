// Package remote is the link to a device at the other end of a network: [Dial] gives a hw/fpga.Link. Its names of
// targets are fpga@HOST:PORT; see [Parse] for what else can be said in them.
//
// # What is spoken
//
// Registers are read and written by Etherbone (package etherbone), over TCP as a rule, or over UDP to a board.
// The streams of words are a TCP connexion of their own, by convention to the port behind that of the registers: events go in
// as SPIF's words, results come back, both little-endian, as hw/fpga has them, and nothing is between the words. Ahead of
// the first result, the device's end sends one word: [Welcome], or [Busy] where another host has the streams, and then
// ends the connexion. There are no credentials: whoever reaches the ports can do what he likes with the device.
//
// One host at a time has the streams; registers can be read by others meanwhile ([DialRegisters]). When a connexion
// of the streams ends, what was under way is thrown away.
//
// A device holds one layer, and a program may have many: one a sensor, or one a core. Layers of one process that name the
// same device take it in turns, over one connexion: when the turn changes, the state of one is read out and that
// of the other put in, which changes no bit and takes some milliseconds. The connexion ends when the last of them is closed.
//
// The layers of a delta network are given to a device all at once, and have it to themselves until their engine is closed:
// neither they nor a layer of FEAST can be given to it meanwhile ([ErrHeld]).
//
// # What is guaranteed
//
// TCP neither loses, repeats nor reorders words, and a connexion that is lost is an error. What was written to registers is done
// before events that are sent later reach the device: [Link.Send] waits for it. Events that were sent are not done by the time that a
// register is read; a mark tells when they are. A call that waits for longer than Options.Timeout for the other end to say or take anything
// fails with hw/fpga.ErrTimeout. Behind that, and behind any other error, every call of that connexion fails; only [Link.Receive]
// may be called again when nothing came in time.
//
// Over UDP, each access to a register is repeated until it is answered, at most Options.Tries times, and may
// then have been done more than once. That does not matter to configuration registers and counters. Accesses to
// RegData would go on to the next place with every repetition; so each is sent with the place that it is for, ahead of it in the same
// record, and RegPlace is read behind it for where to go on. Two writes do matter when they are repeated: applying a
// configuration, which a device that is still wiping its memories refuses (an error, not a wrong result), and clearing the
// counters. The core of the other end must take records of as many words as Options.Burst says, five at the least: liteeth's
// takes four where it was not told otherwise (buffer_depth).
package remote
