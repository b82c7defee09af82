package hil

import (
	"bytes"
	"fmt"
	"strconv"
)

// A file of words is text: a word a line, eight hexadecimal digits, as $readmemh and $fscanf of SystemVerilog read
// them. Two slashes begin a comment, which ends with its line; lines without a word are skipped.

// MaxWords bounds a file of words.
const MaxWords = 1 << 26

const longestLine = 256

// appendWords writes words, with a comment ahead of them and one behind each where comment is not nil.
func appendWords(dst []byte, about string, words []uint32, comment func(i int) string) []byte {
	dst = append(dst, "// "+about+"\n"...)
	for i, w := range words {
		dst = fmt.Appendf(dst, "%08x", w)
		if comment != nil {
			if c := comment(i); c != "" {
				dst = append(dst, " // "+c...)
			}
		}
		dst = append(dst, '\n')
	}
	return dst
}

// parseWords reads a file of words. Errors say in which line what was expected.
func parseWords(text []byte) ([]uint32, error) {
	var out []uint32
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if len(line) > longestLine {
			return nil, fmt.Errorf("line %d: expected at most %d bytes, found %d", n, longestLine, len(line))
		}
		word, _, _ := bytes.Cut(line, []byte("//"))
		word = bytes.TrimSpace(word)
		if len(word) == 0 {
			continue
		}
		v, err := strconv.ParseUint(string(word), 16, 32)
		if err != nil || len(word) != 8 {
			return nil, fmt.Errorf("line %d: expected eight hexadecimal digits, found %q", n, word)
		}
		if len(out) == MaxWords {
			return nil, fmt.Errorf("line %d: expected at most %d words, found more", n, MaxWords)
		}
		out = append(out, uint32(v))
	}
	return out, nil
}
