// Package simulate writes folders of simulated recordings, laid out and encoded as
// N-MNIST is: Train/<digit>/<number>.bin and Test/<digit>/<number>.bin.
//
// What is simulated is package saccades' business; this package puts it into files.
// The same options give the same bytes on every machine.
package simulate
