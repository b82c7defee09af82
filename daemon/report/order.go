package report

import (
	"cmp"
	"slices"
)

// ranks are the places of a bank's features in the orders that the page offers.
type ranks struct{ share, threshold []int }

// ranksOf orders features by wins, the most first, and by threshold, the highest
// first; equal ones stay in the order of their indices.
func ranksOf(b Bank) ranks {
	n := len(b.Weights)
	return ranks{
		share: rank(n, func(i, j int) int {
			if b.Wins == nil {
				return 0
			}
			return cmp.Compare(b.Wins[j], b.Wins[i])
		}),
		threshold: rank(n, func(i, j int) int {
			if b.Thresholds == nil {
				return 0
			}
			return cmp.Compare(b.Thresholds[j], b.Thresholds[i]) // NaN comes last
		}),
	}
}

// rank gives the place of each of n things in an order.
func rank(n int, compare func(i, j int) int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	out := make([]int, n)
	for at, i := range order {
		out[i] = at
	}
	return out
}

// orders offers the orders that a bank has numbers for.
func (v *featuresView) orders(b Bank) {
	offer := func(id, name string) {
		if !slices.ContainsFunc(v.Orders, func(o orderView) bool { return o.ID == id }) {
			v.Orders = append(v.Orders, orderView{ID: id, Name: name})
		}
	}
	if b.Wins != nil || b.Thresholds != nil {
		if len(v.Orders) == 0 {
			v.Orders = append(v.Orders, orderView{ID: "index", Name: "index", First: true})
		}
		if b.Wins != nil {
			offer("share", "share of wins")
		}
		if b.Thresholds != nil {
			offer("threshold", "threshold")
		}
	}
}
