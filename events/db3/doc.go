// Package db3 reads the bags of ROS 2 that are SQLite databases (.db3), as rosbag2's
// sqlite3 storage writes them.
//
// The layout is that of rosbag2_storage_sqlite3 (github.com/ros2/rosbag2), of which all
// versions have these tables; the others that later ones have are not needed:
//
//	topics    id INTEGER PRIMARY KEY | name TEXT | type TEXT | serialization_format TEXT | ...
//	messages  id INTEGER PRIMARY KEY | topic_id INTEGER | timestamp INTEGER (ns) | data BLOB
//	          index timestamp_idx ON messages (timestamp ASC)
//
// in a file of the SQLite format 3 (sqlite.org/fileformat2.html), of whose header two
// fields are looked at here, high byte first:
//
//	byte 0                  16          18        19        24               28           92
//	    +-------------------+-----------+---------+---------+----------------+------------+---------------+
//	    | SQLite format 3\0 | page size | write 1 | read 1  | change counter | page count | valid-for (4) | ...
//	    +-------------------+-----------+---------+---------+----------------+------------+---------------+
//
// SQLite itself is github.com/ncruces/go-sqlite3. It is given the file to read from, not its name: nothing
// is written beside it, and journals are not looked for. What a recorder that was killed has left in a
// write-ahead log (-wal) is therefore not read; "sqlite3 bag.db3 .clone" puts it into the file.
//
// Messages come by their times and, of the same time, their ids, as rosbag2 plays them. Messages of topics in another serialisation than
// "cdr" are counted as "TYPE in FORMAT".
// Bags whose messages or files rosbag2 has compressed are refused: "ros2 bag convert" or
// zstd -d makes others of them. What events there are in the messages is the business of
// package ros.
//
// # Damage
//
// A database that is hostile gets two ordinary tables read, and nothing of it run: views, triggers,
// virtual tables and generated columns are refused, messages are bounded to 64 MiB, the memory
// of SQLite to 192 MiB, and a table or index whose rows do not come in their order ends the
// reading. Without an index, ids and times of all messages are sorted in memory: 16 bytes a message.
//
// A message that cannot be read is an error behind which reading goes on. Of a file that
// was cut off all messages are read that are there, up to the first that is missing. Offsets are those of the page that was read last, as a message may be
// put together of many.
package db3
