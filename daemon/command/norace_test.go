//go:build !race

package command_test

// underRace tells whether the race detector runs along, which makes every process
// start slowly.
const underRace = false
