package aedat4

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// stream is what the header's XML says of a stream.
type stream struct {
	kind string // an identifier such as EVTS
	size events.Geometry
	// source is the camera.
	source string
}

const (
	maxDepth   = 64   // of nodes in each other
	maxStreams = 4096 // in a file
)

// node is an element of DV's configuration tree, a node or an attribute of one.
type node struct {
	Name string `xml:"name,attr"`
	Key  string `xml:"key,attr"`
}

// parseInfo reads DV's tree: streams are the children of the node outInfo, by their
// number, with an attribute typeIdentifier, and sizeX and sizeY in their node info.
func parseInfo(text []byte) (map[int32]stream, error) {
	streams := map[int32]stream{}
	d := xml.NewDecoder(bytes.NewReader(text))
	var path []string // the names of the nodes that are open
	key := ""
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return streams, nil
		case err != nil:
			return streams, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if len(path) == maxDepth {
				return streams, fmt.Errorf("more than %d nodes within each other", maxDepth)
			}
			var n node
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "name":
					n.Name = a.Value
				case "key":
					n.Key = a.Value
				}
			}
			path, key = append(path, n.Name), n.Key
		case xml.EndElement:
			path, key = path[:len(path)-1], ""
		case xml.CharData:
			if key == "" {
				continue
			}
			if err := note(streams, path[:len(path)-1], key, strings.TrimSpace(string(e))); err != nil {
				return streams, err
			}
		}
	}
}

// note takes an attribute of the node at path: ["", "outInfo", "0"] or that with "info".
func note(streams map[int32]stream, path []string, key, value string) error {
	for len(path) > 0 && path[0] != "outInfo" {
		path = path[1:]
	}
	if len(path) < 2 || len(path) > 3 || len(path) == 3 && path[2] != "info" {
		return nil
	}
	id, err := strconv.ParseInt(path[1], 10, 32)
	if err != nil {
		return nil //nolint:nilerr // A node that is no stream is nothing to us.
	}
	s, known := streams[int32(id)]
	if !known && len(streams) == maxStreams {
		return fmt.Errorf("more than %d streams", maxStreams)
	}
	switch {
	case len(path) == 2 && key == "typeIdentifier":
		s.kind = value
	case len(path) == 3 && key == "source":
		s.source = value
	case len(path) == 3 && key == "sizeX":
		s.size.Width, err = side(value)
	case len(path) == 3 && key == "sizeY":
		s.size.Height, err = side(value)
	}
	streams[int32(id)] = s
	if err != nil {
		return fmt.Errorf("%s of stream %d: %w", key, id, err)
	}
	return nil
}

func side(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > events.MaxSide {
		return 0, fmt.Errorf("expected a side from 1 to %d, found %.20q", events.MaxSide, s)
	}
	return n, nil
}
