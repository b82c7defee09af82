package monitor

// MissedRate is the share of missed events among those that features of one layer
// competed for,
//
//	missed/(hits + missed)
//
// and false where there were none. It is what is meant by a missed rate everywhere.
// Events at the border, outside, of noise or ignored are in neither number, as no feature
// was compared with them; nor are, behind a first layer, the events that won no feature
// of the layer before. What span of events it is of stands beside it.
func MissedRate(hits, missed uint64) (rate float64, there bool) {
	if hits+missed == 0 {
		return 0, false
	}
	return float64(missed) / float64(hits+missed), true
}
