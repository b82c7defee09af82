package onnx

import "fmt"

// AttributeTypes, of those attributes that are read.
const (
	kindFloat  = 1
	kindInt    = 2
	kindString = 3
	kindTensor = 4
	kindFloats = 6
	kindInts   = 7
)

func (g *graph) readNode(f field) error {
	if len(g.nodes) == maxNodes {
		return fmt.Errorf("onnx at byte %d: expected at most %d nodes", f.at, maxNodes)
	}
	body, err := f.message("a node")
	if err != nil {
		return err
	}
	n := node{at: len(g.nodes), attributes: map[string]*attribute{}}
	err = body.each("a node", func(f field) (err error) {
		switch f.number {
		case nodeInput:
			n.inputs, err = readName(n.inputs, f, "a node's input")
		case nodeOutput:
			n.outputs, err = readName(n.outputs, f, "a node's output")
		case nodeName:
			n.name, err = f.text("a node's name")
		case nodeOp:
			n.op, err = f.text("a node's op_type")
		case nodeDomain:
			n.domain, err = f.text("a node's domain")
		case nodeAttribute:
			err = n.readAttribute(f)
		}
		return err
	})
	g.nodes = append(g.nodes, n)
	return err
}

func readName(to []string, f field, what string) ([]string, error) {
	if len(to) == maxNames {
		return to, fmt.Errorf("onnx at byte %d: expected at most %d of %s", f.at, maxNames, what)
	}
	s, err := f.text(what)
	return append(to, s), err
}

func (n *node) readAttribute(f field) error {
	if len(n.attributes) == maxAttributes {
		return fmt.Errorf("onnx at byte %d: expected at most %d attributes of a node", f.at, maxAttributes)
	}
	body, err := f.message("an attribute")
	if err != nil {
		return err
	}
	name, a := "", new(attribute)
	err = body.each("an attribute", func(f field) (err error) {
		switch f.number {
		case attributeName:
			name, err = f.text("an attribute's name")
		case attributeType:
			a.kind, err = f.integer("an attribute's type")
		case attributeF:
			a.f, err = f.float("an attribute's float")
		case attributeI:
			a.i, err = f.integer("an attribute's number")
		case attributeS:
			a.s, err = f.text("an attribute's text")
		case attributeT:
			a.tensor, err = readTensor(f, "an attribute's tensor")
		case attributeInts:
			a.ints, err = f.integers(a.ints, maxInts, "an attribute's numbers")
		case attributeFloats:
			a.floats, err = f.floats(a.floats, 4, maxInts, "an attribute's floats")
		}
		return err
	})
	n.attributes[name] = a
	return err
}

// attribute gives an attribute of a type, nil where the node has none of that name.
func (n *node) attribute(name string, kind int64) (*attribute, error) {
	a := n.attributes[name]
	// Files of the first versions of the format do not say the type.
	if a == nil || a.kind == 0 || a.kind == kind {
		return a, nil
	}
	return nil, wrong(name, fmt.Sprintf("an attribute of type %d", kind), fmt.Sprintf("type %d", a.kind))
}

// integer is a number, or what it is where nothing is said.
func (n *node) integer(name string, otherwise int64) (int64, error) {
	a, err := n.attribute(name, kindInt)
	if a == nil {
		return otherwise, err
	}
	return a.i, nil
}

func (n *node) float(name string, otherwise float64) (float64, error) {
	a, err := n.attribute(name, kindFloat)
	if a == nil {
		return otherwise, err
	}
	return a.f, nil
}

func (n *node) text(name, otherwise string) (string, error) {
	a, err := n.attribute(name, kindString)
	if a == nil {
		return otherwise, err
	}
	return a.s, nil
}

// integers are numbers; nil where nothing is said.
func (n *node) integers(name string) ([]int64, error) {
	a, err := n.attribute(name, kindInts)
	if a == nil {
		return nil, err
	}
	return a.ints, nil
}

// input is the name of an input, "" where it is left out.
func (n *node) input(i int) string {
	if i < len(n.inputs) {
		return n.inputs[i]
	}
	return ""
}
