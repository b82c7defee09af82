// Package mcap reads MCAP files, the bags of ROS 2 since Iron and, converted, of ROS 1.
//
// The layout is that of the MCAP Format Specification (mcap.dev/spec) and its registry
// of well-known values. All numbers have the low byte first; a string is its length in
// bytes, of 32 bits, and UTF-8:
//
//	byte 0                8
//	    +------------------+--------+--------+--     --+--------+------------------+
//	    | 89 MCAP 30 0D 0A | Header | record |   ...   | Footer | 89 MCAP 30 0D 0A |
//	    +------------------+--------+--------+--     --+--------+------------------+
//
//	record:   opcode (1) | length of the content (8) | content
//
//	01 Header        profile: string | library: string
//	02 Footer        summary start (8) | summary offset start (8) | CRC of the summary (4)
//	03 Schema        id (2) | name: string | encoding: string | data: length (4), bytes
//	04 Channel       id (2) | schema id (2) | topic: string | message encoding: string | metadata
//	05 Message       channel id (2) | sequence (4) | log time (8) | publish time (8) | data
//	06 Chunk         start (8) | end (8) | uncompressed size (8) | CRC of the uncompressed records (4) |
//	                 compression: string | records: length (8), bytes
//	09 Attachment    log time (8) | create time (8) | name: string | media type: string |
//	                 data: length (8), bytes | CRC of the fields before (4)
//	0F Data End      CRC of all bytes before (4)
//
// Behind Data End stands the summary, for those who look things up: copies of schemas and
// channels, and indices. Here a file is read once, from its start to its end, and messages
// come in the order in which they stand there; the summary is passed over. A chunk holds
// records 03, 04 and 05, in one LZ4 frame ("lz4"), ZSTD frames ("zstd") or as they are ("").
// All CRCs are those of zlib (CRC-32/ISO-HDLC); 0 stands for none.
//
// Messages are those of channels whose message encoding is "cdr" (ROS 2) or "ros1". Others
// are counted as "message in ENCODING", those of a channel that has no schema as "message
// without a schema". Attachments are counted as "attachment", and records that the
// specification keeps for applications as "private record". What events there are in the messages
// is the business of package ros.
//
// A file that rosbag2 has compressed as a whole (.mcap.zstd) is decompressed as it is read. Damage
// within it is told at byte 0, with its place in what was decompressed; of a database (.db3.zstd),
// which is compressed in the same way, that it must be decompressed first.
//
// # Damage
//
// Every CRC is checked. A chunk whose CRC is wrong gives none of its messages, as any of
// them may be the changed one; schemas and channels are taken from it all the same, as chunks
// behind may rest on them. One that cannot be decompressed to its end gives what was complete before the
// damage. In a compressed chunk a byte offset is that of the chunk's record. Behind both,
// reading goes on with the next record, as it does behind a message whose channel is not
// known. A file that was cut off, as by a recorder that was killed, gives all messages
// that are complete, from its last chunk as well, and then an error.
//
// Memory is taken as bytes arrive, not as they are announced. A chunk may take 256 MiB,
// compressed or not, a message as much, a schema or channel 16 MiB.
package mcap
