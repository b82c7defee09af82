// Package quantise turns delta networks of real numbers, as training leaves them, into
// the integer networks of package delta, and holds the float64 reference that says what
// a network of real numbers computes.
//
// # From real numbers to integers
//
// Every tensor of the integer network has a unit, a real number that its integers are
// multiples of. The units are ours to choose, but for the steps q of delta activations,
// which are the units of their levels:
//
//   - A layer with weights takes the units of its inputs into the weights, w' = w * unit,
//     and rounds w'/s to integers, where s, the unit of its sums, makes the largest weight
//     of an output the largest of the format. Where sums might leave 32 bits, s is larger.
//     Each output channel has an s of its own, but layers whose sums are the network's
//     output share one, so that the outputs can be compared as integers.
//   - A delta activation multiplies sums with s/q and rounds, see [delta.Requant].
//   - Average pooling leaves the division to the unit, s/(height*width) of its kernel.
//   - A cut takes the bound into the units of its values: an integer is below it exactly
//     where the real number that it stands for is.
//   - A topk compares magnitudes times their units, which are rounded to 30 bits of the
//     largest one where there are several.
//   - An addition multiplies both sides with whole numbers, up to 4096 where 32 bits allow.
//
// So the only rounding beside the quantisation that the network was trained with is that
// of weights, biases, those multipliers, and units and s/q to 30 bits. The units of sums go with the integer
// network ([delta.Scales]), from which training can so go on.
package quantise
