package onnx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxErrors is how many nodes an error tells of.
const maxErrors = 32

// NodeError is what is wrong with a node, and which.
type NodeError struct {
	Position  int // in the graph, from 0
	Name, Op  string
	Inputs    []string
	Field     string // an attribute or input; "" for the node as a whole
	Want, Got string
	Hint      string // what would help; "" where nothing is known to
}

// Error names the node and says what was expected and found, on a line.
func (e *NodeError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "onnx: node %d", e.Position)
	if e.Name != "" {
		fmt.Fprintf(&b, " %s", short(e.Name))
	}
	fmt.Fprintf(&b, " (%s", operator(e.Op))
	for i, in := range e.Inputs {
		if i == maxShown {
			fmt.Fprintf(&b, " and %d more", len(e.Inputs)-i)
			break
		}
		b.WriteString([]string{" of ", ", "}[min(i, 1)] + short(in))
	}
	b.WriteString("): ")
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	fmt.Fprintf(&b, "expected %s, found %s", e.Want, e.Got)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// maxShown is how many inputs of a node are told.
const maxShown = 6

// wrong is an error of a node that it will be given to.
func wrong(field, want, got string) *NodeError {
	return &NodeError{Field: field, Want: want, Got: got}
}

// hinted is an error with what would help.
func hinted(e *NodeError, hint string) *NodeError {
	e.Hint = hint
	return e
}

// of completes an error with its node.
func (n *node) of(err error) error {
	e, ok := errors.AsType[*NodeError](err)
	if !ok {
		e = wrong("", "a node that can be read", err.Error())
	}
	e.Position, e.Name, e.Op, e.Inputs = n.at, n.name, n.op, n.inputs
	return e
}

// bounded gives the first errors, and how many more there are.
func bounded(errs []error) []error {
	if more := len(errs) - maxErrors; more > 0 {
		errs = append(errs[:maxErrors:maxErrors], fmt.Errorf("onnx: and %d nodes more", more))
	}
	return errs
}

// operator is the name of one, quoted where it is none that ONNX would have.
func operator(name string) string {
	for _, r := range name {
		if (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return short(name)
		}
	}
	if name == "" || len(name) > maxOperator {
		return short(name)
	}
	return name
}

// maxOperator is more letters than any operator has.
const maxOperator = 40

// short cuts a text from outside where it is long, and quotes it.
func short(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most-3] + "..."
	}
	return strconv.QuoteToASCII(strings.ToValidUTF8(s, "?"))
}
