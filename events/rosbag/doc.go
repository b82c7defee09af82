// Package rosbag reads the events of ROS 1 bags, version 2.0. What messages hold is read by
// the package ros, of which a bag is a Source.
//
// The layout is that of "Bags/Format/2.0" (wiki.ros.org). All numbers have the low byte
// first. A bag is a line and records:
//
//	byte 0              13
//	    +----------------+--------+--------+-----
//	    | #ROSBAG V2.0\n | record | record |         first the bag header
//	    +----------------+--------+--------+-----
//
//	    +------------+--------+----------+------+
//	    | u32 length | header | u32 size | data |   a record
//	    +------------+--------+----------+------+
//
//	    +------------+------+---+-------+
//	    | u32 length | name | = | value |          a field of a header, length counts from the name on
//	    +------------+------+---+-------+
//
// The field op, a byte, tells what a record is:
//
//	op  record        other fields                          data
//	 3  bag header    index_pos u64, conn_count u32,        spaces, up to 4 KiB in all
//	                  chunk_count u32, encryptor
//	 5  chunk         compression (none, bz2, lz4), size    records of messages and connections,
//	                  u32: of data when decompressed        compressed as a whole
//	 7  connection    conn u32, topic                       fields: topic, type, md5sum,
//	                                                        message_definition
//	 2  message       conn u32, time                        the serialised message
//	 4  index         conn u32, ver, count                  places of messages in the chunk before it
//	 6  chunk info    chunk_pos, start_time, end_time,      how many messages of each connection
//	                  count, ver
//
// lz4 is an LZ4 frame. From index_pos on, behind the last chunk, stand the connections again
// and the chunk infos. A bag is read from its start to its end, so that it may come through a
// pipe, in memory that its largest message of events sets, or its largest chunk, where chunks
// are compressed. The index is not looked at. Messages are given in the order in which they
// stand in the bag.
//
// A bag whose recording was cut off has no index, and index_pos is 0: all that there is
// is given, and then an error that says where the bag ends. So it is with a bag that was cut
// after its recording. Of a message that was cut, the events before the cut are given; of a
// compressed chunk, those that can be decompressed, which are those of whole blocks.
//
// Bags encrypted by a plugin (encryptor is not empty) are refused: their chunks cannot be
// read without its key.
//
// # Damage
//
// Damage within a chunk is left behind with the chunk, damage of the records around chunks
// is fatal. In a compressed chunk, a byte offset is that of the chunk's data, and the
// place in what was decompressed is told beside it. Of a chunk whose checksum is wrong nothing
// is given: nobody knows where in it the damage is. No length from the bag allocates memory
// before as many bytes have come. Messages of more than 256 MiB are refused, and so are
// compressed chunks that hold more, or more than they say.
package rosbag
