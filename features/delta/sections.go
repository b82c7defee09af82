package delta

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

// The frame of a file, and its sections; the package's comment has the layout.
const (
	// Magic is what files of delta networks begin with.
	Magic       = "SACDELTA"
	nameBytes   = 8
	fileHead    = len(Magic) + 4 + 4
	sectionHead = nameBytes + 8 + 4

	versionPlain = 1 // topology, params and scales alone
	versionMore  = 2 // and what else is known of the network

	sectionTopology = "topology"
	sectionParams   = "params"
	sectionScales   = "scales"
	sectionUnits    = "units"
)

// The sections that are somebody else's, kept beside the network as they are: see [Network.MarshalWith].
const (
	SectionFrames   = "frames"
	SectionLabels   = "labels"
	SectionInterval = "interval"
	SectionWhole    = "whole"
)

var (
	plainSections = []string{sectionTopology, sectionParams, sectionScales}
	attached      = []string{SectionFrames, SectionLabels, SectionInterval, SectionWhole}
	// knownSections are those of each version, in the order in which they are written. Another
	// one is refused: a file that is understood in part may be of another network.
	knownSections = map[uint32][]string{
		versionPlain: plainSections,
		versionMore:  slices.Concat(plainSections, []string{sectionUnits}, attached),
	}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// join frames sections, in the order of the version's.
func join(version uint32, parts map[string][]byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(Magic), version)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(parts)))
	for _, s := range knownSections[version] {
		data, there := parts[s]
		if !there {
			continue
		}
		var name [nameBytes]byte
		copy(name[:], s)
		b = append(b, name[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(data, castagnoli))
		b = append(b, data...)
	}
	return b
}

// split checks the frame of a file and gives its sections by name.
func split(b []byte) (map[string][]byte, error) {
	if !bytes.HasPrefix(b, []byte(Magic)) {
		return nil, fmt.Errorf("at byte 0: expected %q, found %q", Magic, b[:min(len(b), len(Magic))])
	}
	if len(b) < fileHead {
		return nil, fmt.Errorf("at byte %d: expected a header of %d bytes, found the end", len(b), fileHead)
	}
	version := binary.LittleEndian.Uint32(b[len(Magic):])
	names := knownSections[version]
	if names == nil {
		return nil, fmt.Errorf("at byte %d: expected version %d or %d, found %d", len(Magic), versionPlain, versionMore, version)
	}
	count := int64(binary.LittleEndian.Uint32(b[len(Magic)+4:]))
	if least := int64(len(plainSections)); count < least || count > int64(len(names)) {
		return nil, fmt.Errorf("at byte %d: expected %s, found %d", len(Magic)+4, sectionCount(len(plainSections), len(names)), count)
	}
	out := make(map[string][]byte, count)
	at := fileHead
	for range count {
		name, data, err := section(b, at, names)
		if err != nil {
			return nil, err
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("at byte %d: section %q stands twice", at, name)
		}
		out[name] = data
		at += sectionHead + len(data)
	}
	if at != len(b) {
		return nil, fmt.Errorf("at byte %d: expected the end, found %d bytes more", at, len(b)-at)
	}
	for _, name := range plainSections {
		if _, there := out[name]; !there {
			return nil, fmt.Errorf("expected a section %q, found none", name)
		}
	}
	return out, nil
}

func sectionCount(least, most int) string {
	if least == most {
		return fmt.Sprintf("%d sections", least)
	}
	return fmt.Sprintf("%d to %d sections", least, most)
}

// section takes the one at an offset off a file.
func section(b []byte, at int, names []string) (name string, data []byte, err error) {
	rest := b[at:]
	if len(rest) < sectionHead {
		return "", nil, fmt.Errorf("at byte %d: expected a section of %d bytes or more, found the end after %d", at, sectionHead, len(rest))
	}
	name = string(bytes.TrimRight(rest[:nameBytes], "\x00"))
	if !slices.Contains(names, name) {
		return "", nil, fmt.Errorf("at byte %d: expected a section of %q, found %q", at, names, name)
	}
	length, sum := binary.LittleEndian.Uint64(rest[nameBytes:]), binary.LittleEndian.Uint32(rest[nameBytes+8:])
	rest = rest[sectionHead:]
	if length > uint64(len(rest)) {
		return "", nil, fmt.Errorf("at byte %d: expected %d bytes of section %q, found %d", at+sectionHead, length, name, len(rest))
	}
	data = rest[:length]
	if got := crc32.Checksum(data, castagnoli); got != sum {
		return "", nil, fmt.Errorf("at byte %d: section %q is damaged: expected checksum %08x, found %08x", at+sectionHead, name, sum, got)
	}
	return name, data, nil
}
