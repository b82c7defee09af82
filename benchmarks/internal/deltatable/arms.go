package deltatable

// The arms, by their names in tables.
const (
	ReLU             = "ReLU"
	ReLUCounts       = "ReLU, counts"
	L1               = "spatial L1"
	TopK             = "top-k"
	Cut              = "cut, PPL-p %"
	Threshold        = "threshold delta, untrained"
	PostTraining     = "quantised after training"
	Fixed            = "fixed q"
	FixedRefined     = "fixed q, refined"
	FixedLambda      = "fixed q and lambda, refined"
	FixedThreshold   = "fixed q, with a threshold"
	ThresholdRefined = "threshold delta, refined"
	Delta            = "delta layer"
	DeltaRefined     = "delta layer, refined"
	DeltaThreshold   = "delta layer, with a threshold"
)

// Arms are all arms in the order of the table.
func Arms() []string {
	return []string{
		ReLU, ReLUCounts, L1, TopK, Cut, Threshold, PostTraining,
		Fixed, FixedRefined, FixedLambda, FixedThreshold, ThresholdRefined, Delta, DeltaRefined, DeltaThreshold,
	}
}

// Trained tells which arms are trained for sparsity: by a loss, or by a limit or a threshold that training knows.
// Training with fixed steps knows of steps, not of sparsity.
func Trained(arm string) bool {
	switch arm {
	case L1, TopK, FixedLambda, ThresholdRefined, Delta, DeltaRefined, DeltaThreshold:
		return true
	default:
		return false
	}
}
