package prophesee

import (
	"bytes"
	"errors"
	"fmt"
)

// Detect tells whether the head of a file is that of a RAW file with words of the
// encoding (EVT2, EVT21 or EVT3), and otherwise why not. Where the header does not
// say, plausible is asked about the words of each encoding.
func Detect(encoding string, head []byte) error {
	if !bytes.HasPrefix(head, []byte(mark)) {
		return errors.New("no header of lines that begin with \"% \"")
	}
	h, _, err := ParseHeader(head, true)
	if err != nil {
		return err
	}
	if _, ok := h.Value("evt"); h.Encoding == "" && !ok {
		if isDAT(h) {
			return errors.New("the header is that of a DAT file")
		}
		found := plausible(head[h.Bytes:])
		switch found {
		case encoding:
			return nil
		case "":
			return errors.New("the header has no line \"evt\" or \"format\", and the words fit no encoding alone")
		}
		return fmt.Errorf("the header has no line \"evt\" or \"format\", and the words look like %s", found)
	}
	if h.Encoding != encoding {
		return fmt.Errorf("the header says %q", h.Encoding)
	}
	return nil
}

// isDAT tells the headers of DAT files, which have the same lines.
func isDAT(h *Header) bool {
	for _, f := range h.Fields {
		if f.Keyword == "Version" || f.Keyword == "Data" {
			return true
		}
	}
	return false
}
