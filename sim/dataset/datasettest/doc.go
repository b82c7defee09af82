// Package datasettest has what the tests of simulated recordings share: what every data
// set must keep to, and what makes two recordings the same.
package datasettest
