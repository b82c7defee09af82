package aedat4

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/saccade-dev/saccade/events"
)

// buildHeader gives the start of a file and where in it the data table's position is
// to be put; -1 stands there, for none.
func buildHeader(c Compression, h events.Header) (head []byte, tableField int, err error) {
	b := flatbuffers.NewBuilder(2048)
	info := b.CreateString(infoXML(c, h))
	b.StartObject(3)
	b.PrependInt32Slot(fieldCompression, int32(c), 0)
	// The default given here is not the schema's, so that the field is there to be changed.
	b.PrependInt64Slot(fieldTable, -1, 0)
	b.PrependUOffsetTSlot(fieldInfo, info, 0)
	b.FinishSizePrefixedWithFileIdentifier(b.EndObject(), []byte(idHeader))
	head = append([]byte(firstLine), b.FinishedBytes()...)
	at := len(firstLine) + prefixBytes
	t, _, err := root(head[at:])
	if err != nil {
		return nil, 0, err
	}
	field, err := t.field(fieldTable, 8)
	if err == nil && field == 0 {
		err = errNoTableField
	}
	return head, at + field, err
}

// errNoTableField is never given: the builder leaves out fields with their default only.
var errNoTableField = errors.New("the header has no field for the data table")

// buildTable gives the FileDataTable with its size.
func buildTable(entries []entry) []byte {
	b := flatbuffers.NewBuilder(64 * (len(entries) + 1))
	tables := make([]flatbuffers.UOffsetT, 0, len(entries))
	for _, e := range entries {
		b.StartObject(5)
		b.PrependInt64Slot(0, e.offset, 0)
		b.Prep(4, packetBytes) // a struct stands in its table
		b.PrependInt32(e.size)
		b.PrependInt32(e.stream)
		b.PrependStructSlot(1, b.Offset(), 0)
		b.PrependInt64Slot(2, e.elements, 0)
		b.PrependInt64Slot(3, e.first, 0)
		b.PrependInt64Slot(4, e.last, 0)
		tables = append(tables, b.EndObject())
	}
	vector := b.CreateVectorOfTables(tables)
	b.StartObject(1)
	b.PrependUOffsetTSlot(0, vector, 0)
	b.FinishSizePrefixedWithFileIdentifier(b.EndObject(), []byte(idTable))
	return b.FinishedBytes()
}

// buildTriggers gives a TriggerPacket with its size.
func buildTriggers(in []events.Trigger) []byte {
	b := flatbuffers.NewBuilder(64 * (len(in) + 1))
	tables := make([]flatbuffers.UOffsetT, 0, len(in))
	for _, t := range in {
		source := int8(fallingEdge)
		if t.Rising {
			source = risingEdge
		}
		b.StartObject(2)
		b.PrependInt64Slot(fieldTime, t.T, 0)
		b.PrependInt8Slot(fieldSource, source, 0)
		tables = append(tables, b.EndObject())
	}
	vector := b.CreateVectorOfTables(tables)
	b.StartObject(1)
	b.PrependUOffsetTSlot(0, vector, 0)
	b.FinishSizePrefixedWithFileIdentifier(b.EndObject(), []byte(idTrigger))
	return b.FinishedBytes()
}

// infoXML is the tree that DV's recorder writes, for a stream of events and one of triggers.
func infoXML(c Compression, h events.Header) string {
	var b, source strings.Builder
	// What a builder is written to never fails.
	_ = xml.EscapeText(&source, []byte(sourceName(h.Source)))
	const path = "/mainloop/Recorder/outInfo/"
	attr := func(indent, key, kind, value string) {
		fmt.Fprintf(&b, "%s<attr key=%q type=%q>%s</attr>\n", indent, key, kind, value)
	}
	const in2, in3, in4 = "        ", "            ", "                "
	fmt.Fprintf(&b, "<dv version=\"2.0\">\n    <node name=\"outInfo\" path=%q>\n", path)
	for _, s := range [...]struct {
		id                        int
		output, description, kind string
		size                      events.Geometry
	}{
		{ourStream, "events", "Array of events (polarity ON/OFF).", idEvents, h.Geometry},
		{triggerStream, "triggers", "Array of triggers.", idTrigger, events.Geometry{}},
	} {
		fmt.Fprintf(&b, "%s<node name=\"%d\" path=\"%s%d/\">\n", in2, s.id, path, s.id)
		attr(in3, "compression", "string", c.String())
		attr(in3, "originalModuleName", "string", "saccade")
		attr(in3, "originalOutputName", "string", s.output)
		attr(in3, "typeDescription", "string", s.description)
		attr(in3, "typeIdentifier", "string", s.kind)
		fmt.Fprintf(&b, "%s<node name=\"info\" path=\"%s%d/info/\">\n", in3, path, s.id)
		if s.size.Known() {
			attr(in4, "sizeX", "int", fmt.Sprint(s.size.Width))
			attr(in4, "sizeY", "int", fmt.Sprint(s.size.Height))
		}
		attr(in4, "source", "string", source.String())
		fmt.Fprintf(&b, "%s</node>\n%s</node>\n", in3, in2)
	}
	b.WriteString("    </node>\n</dv>\n")
	return b.String()
}
