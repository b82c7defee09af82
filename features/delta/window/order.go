package window

// Tensors of users and files are [channel][row][column]. Where they are computed with
// they are [row][column][channel]: a change of one input of a convolution then meets a
// run of outputs that lie beside each other.

// Outside tells of each value in [row][column][channel] where it is in
// [channel][row][column]; nil where both are the same.
func Outside(channels, pixels int) []int32 {
	if pixels == 1 || channels == 1 {
		return nil
	}
	out := make([]int32, 0, channels*pixels)
	for pixel := range pixels {
		for c := range channels {
			out = append(out, int32(c*pixels+pixel))
		}
	}
	return out
}

// Columns turns the weights of a linear layer, [out][in], into [in][out].
func Columns[W any](weights []W, in, out int) []W {
	to := make([]W, len(weights))
	for o := range out {
		for i, w := range weights[o*in:][:in] {
			to[i*out+o] = w
		}
	}
	return to
}

// Kernels turns the weights of a convolution, [out][in/groups][element of the kernel],
// into [in][element][out/groups].
func Kernels[W any](weights []W, in, out, groups, elements int) []W {
	to := make([]W, len(weights))
	inputs, outputs := in/groups, out/groups
	for o := range out {
		group := o / outputs
		for c := range inputs {
			for k := range elements {
				to[((group*inputs+c)*elements+k)*outputs+o%outputs] = weights[(o*inputs+c)*elements+k]
			}
		}
	}
	return to
}
