//go:build !race

package edit_test

const underRace = false
