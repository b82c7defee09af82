package plainyaml

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// refused are the tokens that plain files do without.
var refused = map[token.Type]string{
	token.AnchorType:     "an anchor (&)",
	token.AliasType:      "an alias (*)",
	token.MergeKeyType:   "a merge key (<<)",
	token.TagType:        "a tag (!)",
	token.DirectiveType:  "a directive (%)",
	token.MappingKeyType: "a complex key (?)",
}

// refuse finds what a plain file has no use for and what would cost the parser more
// than its size.
func refuse(tokens token.Tokens, l Limits) *Problem {
	depth, line, inLine, structure := 0, 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, inLine = tk.Position.Line, 0
		}
		what := refused[tk.Type]
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
			structure++
		case token.SequenceEndType, token.MappingEndType:
			depth--
			structure++
		case token.SequenceEntryType, token.MappingValueType:
			structure++
			if depth == 0 {
				inLine++
			}
		case token.CollectEntryType, token.DocumentHeaderType:
			structure++
		}
		if structure > l.Structure {
			what = fmt.Sprintf("more than %d fields and entries", l.Structure)
		}
		if depth > l.Nesting || inLine > l.Nesting {
			what = fmt.Sprintf("structure more than %d deep", l.Nesting)
		}
		if what != "" {
			return &Problem{At: tk.Position, Want: "plain fields and lists", Got: what, Alias: tk.Type == token.AliasType}
		}
	}
	return nil
}
