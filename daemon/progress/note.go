package progress

// Note says how it goes, in a few words that stand behind the numbers: of a bar until the
// next ones come, of a line those that came last.
func (s *Stage) Note(text string) { s.note.Store(&text) }

// noted are the last words, behind a separator; "" where there were none.
func (s *Stage) noted(separator string) string {
	if text := s.note.Load(); text != nil {
		return separator + *text
	}
	return ""
}
