// Package aedat4 reads and writes AEDAT 4.0, the files of iniVation's DV software and
// of dv-processing.
//
// The layout is iniVation's, "AEDAT File Formats", version 4.0
// (docs.inivation.com, software, advanced usage, file formats), with its flatbuffer
// schemas. All numbers have the low byte first:
//
//	byte 0                14
//	    +------------------+------+--------------------------+
//	    | #!AER-DAT4.0\r\n | size | IOHeader of size bytes   |
//	    +------------------+------+--------------------------+
//	    | stream id | size | packet of size bytes            |   again and again
//	    +-----------+------+---------------------------------+
//	    | FileDataTable, where IOHeader.dataTablePosition is |   may be missing
//	    +----------------------------------------------------+
//
// Sizes and ids are numbers of 32 bits. A packet, and the table, is a flatbuffer with its
// size in front, compressed as a whole into one LZ4 or ZSTD frame where the header
// says so. The schemas, as far as they are used here:
//
//	table IOHeader          { compression: int32; dataTablePosition: int64 = -1; infoNode: string }   "IOHE"
//	table EventPacket       { elements: [Event] }                                                    "EVTS"
//	struct Event            { t: int64 (us); x, y: int16; on: bool }   16 bytes, 3 of them padding
//	table IMUPacket         { elements: [IMU] }                                                      "IMUS"
//	table TriggerPacket     { elements: [Trigger] }                                                  "TRIG"
//	table Trigger           { t: int64; source: int8 }
//	table FileDataTable     { table: [FileDataDefinition] }                                          "FTAB"
//	table FileDataDefinition { byteOffset: int64; packetInfo: {streamID, size: int32}; numElements: int64;
//	                           timestampStart, timestampEnd: int64 }
//
// compression is 0 for none, 1 for LZ4, 2 for LZ4 at a high level, 3 and 4 for ZSTD
// likewise. infoNode is XML that tells of every stream what it holds and, of events and
// frames, the sensor's size.
//
// Events of one stream are delivered, that of the lowest number: a second stream of
// events is another camera, or the same events filtered. Its events are counted as
// "event of stream N". "imu" counts samples, "external trigger" edges and pulses at the
// camera's input, which are handed on (a pulse, of which the end is not told, as a rising
// edge), "internal trigger" what else a stream of triggers has (resets, beginnings and ends
// of frames and exposures). "frame" counts frames, which are skipped without being
// decompressed, as are packets of other kinds.
//
// Files that are written have a stream of events, 0, and one of triggers, 1, which may stay
// empty. A packet of triggers stands between the packets of the events before and behind it.
//
// # Damage
//
// Flatbuffers are read here without a library: a pointer that leads outside of its
// buffer is an error. A packet that cannot be decompressed to its end gives the events
// ahead of the damage. In a compressed packet a byte offset is that of the packet.
// Neither a packet nor what it decompresses to may take more than 64 MiB, and memory is
// taken as bytes arrive, not as they are announced; what a ZSTD frame announces is
// believed where that many bytes could come of it.
package aedat4
