package command

import (
	"github.com/alecthomas/kong"
)

// ordered puts the flags of a command that takes any number of names in front of the names.
// Kong takes such names in one row alone: of IN --from 1s OUT it would refuse OUT.
func ordered(k *kong.Kong, args []string) []string {
	node, depth := k.Model.Node, 0
	for depth < len(args) {
		next := child(node, args[depth])
		if next == nil {
			break
		}
		node, depth = next, depth+1
	}
	if len(node.Positional) == 0 || !node.Positional[len(node.Positional)-1].IsCumulative() {
		return args
	}
	head, names := args[:depth:depth], []string(nil)
	for rest := args[depth:]; len(rest) > 0; rest = rest[1:] {
		switch a := rest[0]; {
		case a == "--":
			return append(append(append(head, "--"), names...), rest[1:]...)
		case len(a) < 2 || a[0] != '-':
			names = append(names, a)
		default:
			head = append(head, a)
			if len(rest) > 1 && takesNext(node, a) {
				head, rest = append(head, rest[1]), rest[1:]
			}
		}
	}
	return append(head, names...)
}

func child(node *kong.Node, name string) *kong.Node {
	for _, c := range node.Children {
		if c.Type == kong.CommandNode && c.Name == name {
			return c
		}
	}
	return nil
}

// takesNext tells whether the value of a flag is the argument behind it.
func takesNext(node *kong.Node, arg string) bool {
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			switch {
			case f.IsBool() || f.IsCounter():
			case arg == "--"+f.Name, f.Short != 0 && arg == "-"+string(f.Short):
				return true
			}
		}
	}
	return false
}
