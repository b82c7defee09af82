package onnx

// What would help with operators that a delta network has not.
const (
	reluAlone = "delta networks have ReLU alone: train the network with it"
	inFloats  = "export the network in floats, before it is quantised"
	stateless = "networks are run frame by frame, and remember nothing"
	withoutIt = "export the network without it: labels are found from its outputs"
	perFrame  = "it depends on all values of a frame; BatchNormalization does not"
)

// hints say what would help, by operator.
var hints = map[string]string{
	"Celu": reluAlone, "Elu": reluAlone, "Erf": reluAlone, "Gelu": reluAlone, "HardSigmoid": reluAlone, "HardSwish": reluAlone,
	"LeakyRelu": reluAlone, "Mish": reluAlone, "PRelu": reluAlone, "Selu": reluAlone, "Sigmoid": reluAlone, "Softplus": reluAlone,
	"Softsign": reluAlone, "Tanh": reluAlone, "ThresholdedRelu": reluAlone, "Exp": reluAlone,

	"QuantizeLinear": inFloats, "DequantizeLinear": inFloats, "DynamicQuantizeLinear": inFloats, "QLinearConv": inFloats,
	"QLinearMatMul": inFloats, "ConvInteger": inFloats, "MatMulInteger": inFloats,

	"RNN": stateless, "LSTM": stateless, "GRU": stateless, "Loop": stateless, "Scan": stateless,

	"ArgMax": withoutIt, "TopK": withoutIt, "NonMaxSuppression": withoutIt,

	"LayerNormalization": perFrame, "InstanceNormalization": perFrame, "GroupNormalization": perFrame, "LRN": perFrame, "RMSNormalization": perFrame,
	"Softmax": perFrame, "LogSoftmax": perFrame,
}
