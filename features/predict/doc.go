// Package predict tells from activation patterns alone how well a readout will do with
// them, without training one: to compare the parameters of a FEAST layer in a fraction
// of the time.
//
// That activation patterns predict classification accuracy is a finding of S. Afshar,
// N. Ralph, Y. Xu, J. Tapson, A. van Schaik and G. Cohen, "Event-Based Feature
// Extraction Using Adaptive Selection Thresholds", Sensors 20(6):1600, 2020 (abstract).
// What is computed here is ours.
//
// # The score
//
// Let m be the mean pattern of x's class without x itself, and m' that of another
// class. The margin of x to that class is how far x lies on its own side of the plane
// midway between the two,
//
//	(x - (m+m')/2)' M (m-m')     M = (W + lambda I)^-1
//
// in a metric in which directions count less the more patterns vary within classes: W
// is the scatter within classes, and lambda three times its mean eigenvalue
// ([Shrinkage]), as there are fewer patterns than dimensions and W alone cannot be
// inverted. [Score.Separability] is the mean over all patterns of the smallest of their
// margins, over its standard deviation: how many spreads the classes lie apart, each
// pattern seen from where it is most easily taken for something else.
//
// It is a Fisher criterion that looks at each pattern, and not at scatters as a whole.
// A pattern is left out of its own mean, because in more dimensions than patterns every
// pattern is near a mean that it is part of. It stays in W.
//
// # What predicts, and what does not
//
// Spearman's rank correlation with the mean accuracy of two readouts (ridge regression
// and a kernel of degree 4, 5-fold cross-validated) over sets of 56, 56 and 48
// configurations drawn at random, on 800 N-MNIST recordings: 4 to 32 neurons a polarity,
// radius 1 to 5, tau 2 to 200 ms, eta 0.0001 to 0.05, thresholds' steps over a decade and
// more; accuracies of 94 to 98 %. The score and Shrinkage were chosen on the first set.
// The columns "equal" are the means within configurations of equally many neurons. The
// third set's table is printed by TestPredictorOnNMNIST in benchmarks.
//
//	                           first  equal   second  equal   third  equal
//	Separability                0.90   0.69     0.82   0.60    0.84   0.56
//	Pairs                       0.89   0.68     0.79   0.60    0.84   0.52
//	Hardest.Spreads             0.88   0.59     0.84   0.66    0.86   0.66
//	Plain                       0.84   0.62     0.75   0.54    0.80   0.37
//	number of neurons           0.81     -      0.68     -     0.72     -
//	share of events not missed  0.52  -0.16     0.50   0.16    0.26   0.03
//	Scatter                    -0.19   0.51    -0.13   0.35   -0.02   0.52
//
// The 95 % bootstrap intervals of Separability are 0.81 to 0.94, 0.67 to 0.91 and 0.69
// to 0.92. The hardest pair did as well where 800 recordings were scored, but much worse
// by 100 (0.56, on the first set) and 300 (0.60): it rests on the recordings of two classes.
//
// Tried on the first set only, and left out: the distances of centroids in spreads, d',
// in the patterns' own space (-0.14); the alignment of the patterns' products with the
// labels, CKA (0.62; 0.81 in the metric with lambda of one eigenvalue); the summed ratio
// of signal to noise of each dimension (0.87, and 0.57 among equally many neurons); the
// share of the nearest, or the five nearest, patterns with the same label (0.79, 0.82).
// All that is one ratio of scatters ranks layers of different sizes the wrong way round:
// more features make patterns longer in directions that say little.
//
// Three things bound what can be had. The two readouts rank the configurations like
// each other hardly better than the score ranks them: 0.74, 0.71 and 0.82. Much of what
// any score finds is the number of neurons, whence the columns "equal". And among the
// better half of the configurations, whose accuracies lie within a percent or two, the
// score had 0.61, 0.39 and 0.40: it finds good parameters, and not the best. Scored by 100
// and by 300 of the recordings, learned from as many, the first set's accuracies had 0.79
// and 0.82.
//
// # Rank correlations
//
// [Spearman] and [Kendall] take ties, which gonum's do not; [Interval] is a bootstrap.
package predict
