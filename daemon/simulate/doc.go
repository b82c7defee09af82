// Package simulate writes folders of simulated recordings, laid out as N-MNIST is:
// Train/<label>/<number>.bin and Test/<label>/<number>.bin.
//
// What is simulated is the business of packages saccades (digits, [Write]) and airplanes
// ([WriteAirplanes]); this package puts it into files. The same options give the same
// bytes on every machine. A file is written under another name first, so that one with
// its own name is whole.
package simulate
