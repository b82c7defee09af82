// Package report writes what a run of saccade did as pictures in a folder, and as
// one page, report.html, that shows them all.
//
// A caller fills a [Run] with plain numbers and hands it to [Write]. Whatever is
// left empty is not drawn: its section says that there is nothing to show.
//
// # What is drawn
//
//   - the features that each bank of a FEAST layer learned (Afshar et al., "Event-Based
//     Feature Extraction Using Adaptive Selection Thresholds", Sensors 2020, 20(6),
//     1600), with selection threshold and share of the wins, each with a map of where
//     on the sensor it won, in an order of the reader's choice;
//   - selection thresholds and the missed-event rate over the events seen, against
//     FEAST's own balance: a threshold rises by ΔI at each win and N of them fall
//     by ΔE at each miss, so that at rest misses/hits = ΔI/(N·ΔE);
//   - what package monitor saw meanwhile: spread of the thresholds, misses per hit, use
//     of the features, movement, and when the layer was found to settle or to drift;
//   - events of features over time, one recording at a time;
//   - the share that each feature has in each class of recordings, as a multiple of its
//     mean over classes, and for each class the features that tell it best from the
//     others, by Cohen's d of the shares, with where they won;
//   - of a layer that learned nothing in the run, how even the use of its features is,
//     its thresholds, and the events that they would have missed;
//   - all of that for each of several layers, and of a feature of features what it looks
//     like on the sensor, beside its weights;
//   - recordings as frames of ON and OFF events;
//   - the confusion matrix, the latency histogram and a table of the run's numbers.
//
// # Invariants
//
// The page holds everything it shows: pictures are data URIs or inline SVG, there
// is no script (choices are style sheets'), and a content security policy forbids to
// load anything. It stays below 3 MB: what is beyond the bounds in check.go is left
// out, and the page says how much. Text from
// the run is escaped, cut to a bounded length and freed of control characters
// before it is written anywhere. A value that is NaN or infinite is shown as
// such, or is a gap in a line; it never moves an axis. Files are written whole or
// not at all. The same run gives the same bytes.
package report
