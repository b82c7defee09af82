package readout

// Decide is the class with the largest score, the first of equals, and the confidence
// in it after so much was counted: events, or whatever the schedule was calibrated by.
// The scores become the confidences in all classes. A schedule that is nil takes scores
// as they are, which is right for a classifier that was trained by cross-entropy on
// what it would be asked, and for others hardly ever.
func (s *Schedule) Decide(scores []float64, counted uint64) (class int, confidence float64) {
	beta := 1.0
	if s != nil {
		beta = s.beta(counted)
	}
	class = softmax(scores, beta)
	return class, scores[class]
}
