// Package formats measures how fast each file format and each encoding of messages is
// decoded: beside a plain copy of the same bytes, beside a copy of as many events, and
// beside straightforward decoders in C, which are compiled when they are measured. The
// results are in the README of benchmarks.
package formats
