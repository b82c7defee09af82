package link

import "fmt"

// cut takes the link away, with all that is on its way in it.
func (l *Link) cut(by *rule) {
	l.gone, l.left = by, by.Calls
	l.in.late, l.out.late = nil, nil
	l.in.passed, l.out.passed = l.in.passed[:0], l.out.passed[:l.given]
}

// away tells whether the link is gone in this call, and the call's error where it has one. Behind the last such call the
// link is back: with the device as it was, though what was on its way is lost, or reset.
func (l *Link) away() (bool, error) {
	by := l.gone
	if by == nil {
		return false, nil
	}
	if l.left > 0 {
		if l.left--; l.left == 0 {
			if by.Reset {
				if err := l.options.Reset(); err != nil {
					return true, fmt.Errorf("link: resetting the device: %w", err)
				}
			}
			l.gone = nil
		}
	}
	if by.Silent {
		return true, nil
	}
	return true, ErrCut
}
