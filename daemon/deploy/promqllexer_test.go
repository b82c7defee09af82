package deploy_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// token is a piece of PromQL: https://prometheus.io/docs/prometheus/latest/querying/basics/.
type token struct {
	kind tokenKind
	text string // of a string, what it says
	at   int
}

type tokenKind string

const (
	tokenEnd      tokenKind = "the end"
	tokenName     tokenKind = "a name"
	tokenNumber   tokenKind = "a number"
	tokenDuration tokenKind = "a duration"
	tokenString   tokenKind = "a string"
	tokenSign     tokenKind = "a sign"
)

var pieces = []struct {
	kind tokenKind
	is   *regexp.Regexp
}{
	{tokenDuration, regexp.MustCompile(`^(?:[0-9]+(?:ms|[smhdwy]))+\b`)},
	{tokenNumber, regexp.MustCompile(`^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`)},
	{tokenName, regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*`)},
	{tokenString, regexp.MustCompile(`^"(?:[^"\\\n]|\\.)*"`)},
	{tokenSign, regexp.MustCompile(`^(?:==|!=|=~|!~|>=|<=|[-+*/%^<>=(){}\[\],])`)},
}

// lex takes an expression to pieces.
func lex(text string) (out []token, err error) {
	at := 0
next:
	for {
		at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t\n"))
		if at == len(text) {
			return append(out, token{tokenEnd, "", at}), nil
		}
		for _, p := range pieces {
			found := p.is.FindString(text[at:])
			if found == "" {
				continue
			}
			t := token{p.kind, found, at}
			if p.kind == tokenString {
				if t.text, err = strconv.Unquote(found); err != nil {
					return nil, fmt.Errorf("at %d: %q: %w", at, found, err)
				}
			}
			out = append(out, t)
			at += len(found)
			continue next
		}
		return nil, fmt.Errorf("at %d: expected PromQL, found %.20q", at, text[at:])
	}
}
