package aedat4

import (
	"errors"
	"fmt"
	"strings"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/saccade-dev/saccade/events"
)

// buildHeader gives the start of a file and where in it the data table's position is
// to be put; -1 stands there, for none.
func buildHeader(c Compression, g events.Geometry) (head []byte, tableField int, err error) {
	b := flatbuffers.NewBuilder(2048)
	info := b.CreateString(infoXML(c, g))
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
		b.PrependInt32(ourStream)
		b.PrependStructSlot(1, b.Offset(), 0)
		b.PrependInt64Slot(2, e.events, 0)
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

// infoXML is the tree that DV's recorder writes, for one stream of events.
func infoXML(c Compression, g events.Geometry) string {
	var b strings.Builder
	const path = "/mainloop/Recorder/outInfo/"
	attr := func(indent, key, kind, value string) {
		fmt.Fprintf(&b, "%s<attr key=%q type=%q>%s</attr>\n", indent, key, kind, value)
	}
	const in2, in3, in4 = "        ", "            ", "                "
	fmt.Fprintf(&b, "<dv version=\"2.0\">\n    <node name=\"outInfo\" path=%q>\n", path)
	fmt.Fprintf(&b, "%s<node name=\"%d\" path=\"%s%d/\">\n", in2, ourStream, path, ourStream)
	attr(in3, "compression", "string", c.String())
	attr(in3, "originalModuleName", "string", "saccade")
	attr(in3, "originalOutputName", "string", "events")
	attr(in3, "typeDescription", "string", "Array of events (polarity ON/OFF).")
	attr(in3, "typeIdentifier", "string", idEvents)
	fmt.Fprintf(&b, "%s<node name=\"info\" path=\"%s%d/info/\">\n", in3, path, ourStream)
	if g.Known() {
		attr(in4, "sizeX", "int", fmt.Sprint(g.Width))
		attr(in4, "sizeY", "int", fmt.Sprint(g.Height))
	}
	attr(in4, "source", "string", "saccade")
	fmt.Fprintf(&b, "%s</node>\n%s</node>\n    </node>\n</dv>\n", in3, in2)
	return b.String()
}
