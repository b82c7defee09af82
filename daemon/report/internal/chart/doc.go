// Package chart draws charts as SVG: axes with readable ticks, lines, bars and
// text.
//
// A chart carries no colour of its own. Its elements have classes and [CSS] says
// what they look like, in light, in dark and on paper, so that a chart that
// stands inside a page follows the page's theme and one that stands in a file of
// its own follows the viewer's. A class names what a thing is (a grid line, the
// mean, the OFF bank), never how it looks.
//
// Invariants: every text that goes in is escaped; a coordinate that is not a
// finite number breaks a line in two and draws nothing else; the number of ticks
// is bounded whatever the range.
package chart
