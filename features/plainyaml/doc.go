// Package plainyaml reads YAML files that consist of fields and lists alone, as
// configurations and topologies do: one document in UTF-8 without anchors, aliases,
// merge keys, tags, directives and complex keys. None of those is of use there, and
// some make a small file cost its parser much more than its size, which is refused
// before anything is built.
package plainyaml
