// Package readout learns classifiers over feature vectors and applies them: the
// last stage between what a FEAST layer saw and a label.
//
// Two ways to train a linear [Model] are offered, both with an intercept that is not penalised.
// For n samples x of dimension d, with weights w and a bias b for each class:
//
//   - [Ridge] regresses on targets of +1 for a sample's class and -1 for the
//     others, minimising 1/n * sum |y - (W x + b)|^2 + lambda * |W|^2. It is
//     solved exactly, in its primal form (d unknowns a class) or its dual form (n
//     unknowns), whichever is smaller (T. Hastie, R. Tibshirani and J. Friedman,
//     "The Elements of Statistical Learning", 2nd ed., sections 3.4.1 and 18.3.5).
//   - [Logistic] is multinomial logistic regression, minimising
//     -1/n * sum log p(class of x | x) + lambda/2 * |W|^2 by L-BFGS (section 4.4).
//
// Both penalties are relative to a mean over the samples, so that a lambda chosen
// on four fifths of the data means the same on all of it.
//
// Three more are not linear, for more computation a decision. [Kernel] is ridge
// regression on products of several entries; [ELM] is a random hidden layer, never
// trained, with one of the two above behind it; [KNN] asks the training rows that
// are nearest in binary code. All of them are a [Classifier], and
// [UnmarshalClassifier] reads any.
//
// # Decisions while events come
//
// [Online] keeps the scores of a linear model up to date event by event, in integers,
// so that they are exactly those of counting anew; [Running] is the same for any
// classifier and descriptor, at the price of a vector a decision where it has to be.
// What is sure at the end of a recording is not at its beginning: [Schedule] calibrates
// confidences by how much has been seen.
//
// # Honest accuracy
//
// [CrossValidate] trains each fold with everything that is chosen chosen anew, so that
// its accuracy is that of samples which nothing has seen; [Reliability] says whether
// confidences are as often right as they say.
//
// # Choosing lambda
//
// [Train] chooses lambda by stratified k-fold cross-validation over a grid. For
// ridge one reduction of a fold's matrix to tridiagonal form, A = Q T Q', serves
// all lambdas: (T + n lambda I) is then solved in time linear in its size.
// Eigenvalues would do the same at three to four times the price. Folds run in
// parallel; the result does not depend on how they were scheduled, nor on
// GOMAXPROCS, for given data, options, seed and machine architecture.
//
// # Confidence
//
// [Model.Predict] gives the largest entry of softmax(score / temperature). For
// logistic regression the temperature is 1 and this is the model's own estimate.
// Ridge scores are not log-odds, so their temperature is found by minimising the
// log loss of the out-of-fold predictions; that is ours, after C. Guo, G. Pleiss,
// Y. Sun and K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML
// 2017, section 4.2, where the validation set takes the part of our folds.
//
// # Invariants
//
//   - A [Model] is immutable and safe for concurrent use. Predict does not
//     allocate.
//   - Its predictions, scores and confidences have the same bits on every machine.
//     Weights and inputs are float32, so their products are exact in float64 and it
//     makes no difference whether a compiler fuses them with the addition that
//     follows; sums run in one fixed order over four lanes; the exponential is
//     computed here, as math.Exp is assembly that differs between architectures.
//     Training makes no such promise across architectures: the model travels, not
//     the training.
//   - A vector with a NaN, an infinity or the wrong length gets an error and no
//     prediction.
//   - A tie goes to the class with the lower index. Classes are in the order of
//     their names' bytes.
package readout
