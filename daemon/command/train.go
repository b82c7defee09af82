package command

type trainCmd struct {
	Feast   trainFeastCmd   `cmd:"" help:"Learn features from recordings, in one pass."`
	Readout trainReadoutCmd `cmd:"" help:"Train a readout on a model's frozen features."`
	Delta   trainDeltaCmd   `cmd:"" help:"Train a delta network on frames of a model's features, or of raw events."`
}
