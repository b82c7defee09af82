// Package learn trains and evaluates models on labelled folders of recordings,
// in this process and without NATS: what `saccade train` and `saccade eval` do.
//
// FEAST learns in one pass over the training recordings, in an order that a seed
// shuffles, so that it does not see one label after the other. With the features
// frozen, every recording is described by a vector, on all cores, as their order
// does not matter then; a readout is trained on the vectors with its
// regularisation chosen by cross-validation. [Schedule] calibrates how sure it may be
// before a recording has ended, and [Decisions] shows what it is worth then.
//
// For networks over frames, which [TrainDelta] trains, [Frames] makes the frames of
// recordings, a [FrameSet] that they are trained and calibrated on, and [Recognise] runs recordings through a model's
// network as the daemon does.
package learn
