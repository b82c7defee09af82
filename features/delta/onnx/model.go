package onnx

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds of a file, ahead of the memory that it asks for.
const (
	MaxFileBytes  = 1 << 30
	maxNodes      = 1 << 14
	maxTensors    = 1 << 14
	maxPorts      = 1 << 14 // inputs and outputs of a graph: constants are listed among them
	maxNames      = 1 << 10 // inputs and outputs of a node
	maxAttributes = 32      // of a node
	maxInts       = 1 << 7  // numbers of an attribute
	maxText       = 1 << 12 // bytes of a name
	maxAxes       = 16      // of a tensor
)

// Versions of the default operator set that are read: from 6, whose attributes no longer
// name what is computed in place, to that of the specification this was written from.
const (
	OldestOpset = 6
	NewestOpset = 28
)

// model is a ModelProto, of which what a network is made of.
type model struct {
	producer string
	opset    int64 // of the default domain; 0 where it is not said
	graph    *graph
}

// graph is a GraphProto.
type graph struct {
	name            string
	nodes           []node
	constants       map[string]*tensor
	inputs, outputs []port
}

// port is a ValueInfoProto: what goes into a graph, or comes out.
type port struct {
	name   string
	tensor bool    // that it is one
	dims   []int64 // -1 where the size is a name, or not said
}

// node is a NodeProto.
type node struct {
	at              int // its place in the graph, from 0
	name, op        string
	domain          string
	inputs, outputs []string
	attributes      map[string]*attribute
}

// attribute is an AttributeProto.
type attribute struct {
	kind   int64 // AttributeType, 0 where it is not said
	f      float64
	i      int64
	s      string
	tensor *tensor
	ints   []int64
	floats []float64
}

// The field numbers of onnx.proto, by message.
const (
	modelProducer = 2
	modelGraph    = 7
	modelOpset    = 8

	opsetDomain  = 1
	opsetVersion = 2

	graphNode        = 1
	graphName        = 2
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12
	graphSparse      = 15

	nodeInput     = 1
	nodeOutput    = 2
	nodeName      = 3
	nodeOp        = 4
	nodeAttribute = 5
	nodeDomain    = 7

	attributeName   = 1
	attributeF      = 2
	attributeI      = 3
	attributeS      = 4
	attributeT      = 5
	attributeFloats = 7
	attributeInts   = 8
	attributeType   = 20

	valueName      = 1
	valueType      = 2
	typeTensor     = 1
	tensorShape    = 2
	shapeDim       = 1
	dimensionValue = 1
)

// parse reads a ModelProto.
func parse(b []byte) (*model, error) {
	if len(b) > MaxFileBytes {
		return nil, fmt.Errorf("onnx: expected a file of at most %d bytes, found %d", MaxFileBytes, len(b))
	}
	m := new(model)
	err := message{b, 0}.each("a model", func(f field) (err error) {
		switch f.number {
		case modelProducer:
			m.producer, err = f.text("the model's producer_name")
		case modelOpset:
			err = m.readOpset(f)
		case modelGraph:
			if m.graph == nil {
				m.graph = &graph{constants: map[string]*tensor{}}
			}
			err = m.graph.read(f)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if m.graph == nil {
		return nil, fmt.Errorf("onnx: expected a model with a graph, found none in %d bytes", len(b))
	}
	return m, nil
}

func (m *model) readOpset(f field) error {
	body, err := f.message("opset_import")
	if err != nil {
		return err
	}
	domain, version := "", int64(0)
	err = body.each("opset_import", func(f field) (err error) {
		switch f.number {
		case opsetDomain:
			domain, err = f.text("domain")
		case opsetVersion:
			version, err = f.integer("version")
		}
		return err
	})
	if isDefault(domain) {
		m.opset = version
	}
	return err
}

// isDefault tells whether a domain is that of ONNX's own operators.
func isDefault(domain string) bool { return domain == "" || domain == "ai.onnx" }

func (g *graph) read(f field) error {
	body, err := f.message("graph")
	if err != nil {
		return err
	}
	return body.each("a graph", func(f field) (err error) {
		switch f.number {
		case graphName:
			g.name, err = f.text("the graph's name")
		case graphNode:
			err = g.readNode(f)
		case graphInitializer:
			err = g.readInitializer(f)
		case graphInput:
			g.inputs, err = readPort(g.inputs, f, "a graph's input")
		case graphOutput:
			g.outputs, err = readPort(g.outputs, f, "a graph's output")
		case graphSparse:
			err = fmt.Errorf("onnx at byte %d: expected dense initializers, found a sparse one", f.at)
		}
		return err
	})
}

func (g *graph) readInitializer(f field) error {
	if len(g.constants) == maxTensors {
		return fmt.Errorf("onnx at byte %d: expected at most %d initializers", f.at, maxTensors)
	}
	t, err := readTensor(f, "an initializer")
	if err != nil {
		return err
	}
	if g.constants[t.name] != nil {
		return fmt.Errorf("onnx at byte %d: initializer %s: expected a name of its own, found one that is taken", f.at, short(t.name))
	}
	g.constants[t.name] = t
	return nil
}

func readPort(to []port, f field, what string) ([]port, error) {
	if len(to) == maxPorts {
		return to, fmt.Errorf("onnx at byte %d: expected at most %d of %s", f.at, maxPorts, what)
	}
	body, err := f.message(what)
	if err != nil {
		return to, err
	}
	var p port
	err = body.each(what, func(f field) (err error) {
		switch f.number {
		case valueName:
			p.name, err = f.text("name")
		case valueType:
			err = p.readType(f)
		}
		return err
	})
	return append(to, p), err
}

// readType goes down to the sizes: TypeProto, TypeProto.Tensor, TensorShapeProto.
func (p *port) readType(f field) error {
	return within(f, "type", typeTensor, func(f field) error {
		p.tensor = true
		return within(f, "tensor type", tensorShape, func(f field) error {
			return within(f, "shape", shapeDim, func(f field) error {
				if len(p.dims) == maxAxes {
					return fmt.Errorf("onnx at byte %d: expected at most %d axes", f.at, maxAxes)
				}
				p.dims = append(p.dims, -1)
				return within(f, "dimension", dimensionValue, func(f field) (err error) {
					p.dims[len(p.dims)-1], err = f.integer("size")
					return err
				})
			})
		})
	})
}

// within calls a function for each field of a number in the message that a field holds.
func within(f field, what string, number protowire.Number, do func(field) error) error {
	body, err := f.message(what)
	if err != nil {
		return err
	}
	return body.each(what, func(f field) error {
		if f.number != number {
			return nil
		}
		return do(f)
	})
}
