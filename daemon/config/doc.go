// Package config is the configuration of `saccade serve`: one YAML file, read
// strictly, with a default, a range and a comment for every field.
//
// # Strict
//
// A file says what it means or it is refused. A field that does not exist, a key
// given twice, a value of the wrong kind or outside its range is a [Problem]: the
// file, line and column, the path of the field, what was expected and what was
// found, and the field that was probably meant where one is close. All problems of
// a file are reported together ([Error]). YAML's features for documents that refer
// to themselves (anchors, aliases, merge keys, tags, directives, several documents)
// are refused too: a configuration is read by people.
//
// A quoted value is text and never a number. A section that is given without
// content keeps its defaults; a field without a value is a mistake. Durations are
// written as Go writes them (20ms, 1m30s), sizes as plain bytes or with a unit
// (512, 64KiB, 1MiB).
//
// # Printed
//
// [Print] writes a configuration with the comment of every field above it, and
// what it writes parses back to the same [Config]. Comments, names and types live
// once, in the tags of the types; a test refuses a field without a comment.
//
// # Secrets
//
// A configuration holds none: passwords, credentials, keys and seeds are named by
// the files that hold them, and a server's address that carries a password is
// refused. So a configuration can be printed, logged and kept in a repository.
//
// Invariants:
//   - Default() is valid, and an empty file is Default().
//   - Parse(Print(c)) equals c for every valid c.
//   - Whatever the input, Parse returns a valid Config or an error, never both and
//     never a panic; its work is bounded by MaxFileBytes and MaxNesting.
//
// The package imports `events` of ours, for the largest geometry, and nothing else.
package config
