package feast

// ShareFrom has a layer with workers share packets of that length already: tests
// need many, and not long ones.
func (l *Layer) ShareFrom(events int) { l.split.from = events }
