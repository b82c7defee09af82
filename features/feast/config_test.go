package feast_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

func TestConfigValidate(t *testing.T) {
	require.NoError(t, feast.Default().Validate())
	type change = func(c *feast.Config)
	for name, c := range map[string]struct {
		change change
		says   string // empty where it is allowed
	}{
		"largest sensor": {func(c *feast.Config) { c.Width, c.Height = 4096, 4096 }, ""},
		"smallest":       {func(c *feast.Config) { c.Width, c.Height, c.Neurons, c.Radius = 1, 1, 1, 0 }, ""},
		"most neurons":   {func(c *feast.Config) { c.Neurons, c.Radius = feast.MaxNeurons, feast.MaxRadius }, ""},
		"no learning":    {func(c *feast.Config) { c.Eta, c.DeltaI, c.DeltaE = 0, 0, 0 }, ""},
		"fastest":        {func(c *feast.Config) { c.Eta, c.DeltaI, c.DeltaE, c.Tau = 0.25, 0.5, 0.5, time.Microsecond }, ""},
		"slowest":        {func(c *feast.Config) { c.Tau, c.InitialThreshold = time.Minute, -1 }, ""},

		"on":          {func(c *feast.Config) { c.Mode = feast.On }, ""},
		"planes":      {func(c *feast.Config) { c.Mode, c.Planes = feast.Planes, 32 }, ""},
		"most planes": {func(c *feast.Config) { c.Mode, c.Planes, c.Radius = feast.Planes, 256, 1 }, ""},
		"linear":      {func(c *feast.Config) { c.Decay, c.Recent, c.MinRecent = feast.DecayLinear, time.Millisecond, 3 }, ""},
		"index":       {func(c *feast.Config) { c.Decay, c.Last = feast.DecayIndex, 500 }, ""},
		"novelty":     {func(c *feast.Config) { c.Inference = feast.Thresholds }, ""},
		"annealed":    {func(c *feast.Config) { c.Anneal = feast.Anneal{Every: 1, Factor: 0.99, Floor: 1} }, ""},

		"no planes":      {func(c *feast.Config) { c.Mode = feast.Planes }, "planes 0: expected 1 to 256 in mode"},
		"planes of none": {func(c *feast.Config) { c.Planes = 2 }, `planes 2: expected none in mode "split"`},
		"patch":          {func(c *feast.Config) { c.Mode, c.Planes = feast.Planes, 33 }, "planes 33: expected a patch of at most 3969 elements, found 33 of 11x11"},
		"memory": {func(c *feast.Config) {
			c.Mode, c.Planes, c.Radius, c.Width, c.Height = feast.Planes, 256, 1, 4000, 4000
		}, "planes 256: expected at most 268435456 pixels"},
		"decay":         {func(c *feast.Config) { c.Decay = "none" }, `decay "none": expected "exponential", "linear" or "index"`},
		"no last":       {func(c *feast.Config) { c.Decay = feast.DecayIndex }, "last_events 0: expected 1 to 16777216"},
		"last of none":  {func(c *feast.Config) { c.Last = 3 }, "last_events 3: expected none but for decay"},
		"index in time": {func(c *feast.Config) { c.Decay, c.Last, c.Recent = feast.DecayIndex, 5, time.Second }, "recent 1s: expected none for decay"},
		"recent":        {func(c *feast.Config) { c.Recent = 1 }, "recent 1ns: expected whole microseconds from 0s"},
		"min_recent":    {func(c *feast.Config) { c.MinRecent = -1 }, "min_recent -1: expected 0 to 121"},
		"inference":     {func(c *feast.Config) { c.Inference = "far" }, `inference "far": expected "nearest" or "thresholds"`},
		"anneal never":  {func(c *feast.Config) { c.Anneal.Factor = 0.5 }, "anneal: every_events 0: expected 1 or more"},
		"anneal factor": {func(c *feast.Config) { c.Anneal = feast.Anneal{Every: 1, Factor: 1} }, "anneal: factor 1: expected 0 to 0.99"},
		"anneal floor":  {func(c *feast.Config) { c.Anneal = feast.Anneal{Every: 1, Floor: math.NaN()} }, "anneal: floor NaN: expected 0 to 1"},

		"no width":        {func(c *feast.Config) { c.Width = 0 }, "geometry 0x34: expected sides from 1 to 4096"},
		"width":           {func(c *feast.Config) { c.Width = 4097 }, "geometry 4097x34"},
		"below zero":      {func(c *feast.Config) { c.Height = -1 }, "geometry 34x-1"},
		"height":          {func(c *feast.Config) { c.Height = 4097 }, "geometry 34x4097"},
		"no mode":         {func(c *feast.Config) { c.Mode = "" }, `mode "": expected "split", "merged", "on" or "planes"`},
		"mode":            {func(c *feast.Config) { c.Mode = "Split" }, `mode "Split": expected "split", "merged"`},
		"border":          {func(c *feast.Config) { c.Border = "wrap" }, `border "wrap": expected "skip" or "zero"`},
		"no neurons":      {func(c *feast.Config) { c.Neurons = 0 }, "neurons 0: expected 1 to 4096"},
		"neurons":         {func(c *feast.Config) { c.Neurons = 4097 }, "neurons 4097: expected 1 to 4096"},
		"radius":          {func(c *feast.Config) { c.Radius = 32 }, "radius 32: expected 0 to 31"},
		"negative radius": {func(c *feast.Config) { c.Radius = -1 }, "radius -1: expected 0 to 31"},
		"no tau":          {func(c *feast.Config) { c.Tau = 0 }, "tau 0s: expected whole microseconds from 1µs to 1m0s"},
		"short tau":       {func(c *feast.Config) { c.Tau = 999 }, "tau 999ns: expected whole microseconds"},
		"uneven tau":      {func(c *feast.Config) { c.Tau = 20*time.Millisecond + 1 }, "tau 20.000001ms: expected whole microseconds"},
		"long tau":        {func(c *feast.Config) { c.Tau = time.Minute + time.Microsecond }, "tau 1m0.000001s"},
		"negative tau":    {func(c *feast.Config) { c.Tau = -time.Second }, "tau -1s"},
		"eta":             {func(c *feast.Config) { c.Eta = 0.2500001 }, "eta 0.2500001: expected 0 to 0.25"},
		"negative eta":    {func(c *feast.Config) { c.Eta = -1e-9 }, "eta -1e-09"},
		"eta NaN":         {func(c *feast.Config) { c.Eta = math.NaN() }, "eta NaN: expected 0 to 0.25"},
		"delta_i":         {func(c *feast.Config) { c.DeltaI = 0.51 }, "delta_i 0.51: expected 0 to 0.5"},
		"delta_i Inf":     {func(c *feast.Config) { c.DeltaI = math.Inf(1) }, "delta_i +Inf"},
		"delta_e":         {func(c *feast.Config) { c.DeltaE = -0.001 }, "delta_e -0.001: expected 0 to 0.5"},
		"delta_e NaN":     {func(c *feast.Config) { c.DeltaE = math.NaN() }, "delta_e NaN"},
		"threshold":       {func(c *feast.Config) { c.InitialThreshold = 1.01 }, "initial_threshold 1.01: expected -1 to 1"},
		"threshold NaN":   {func(c *feast.Config) { c.InitialThreshold = math.NaN() }, "initial_threshold NaN"},
	} {
		t.Run(name, func(t *testing.T) {
			config := feast.Default()
			c.change(&config)
			err := config.Validate()
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)

			target, err := hw.Find("purego")
			require.NoError(t, err)
			_, err = feast.New(config, target)
			require.ErrorContains(t, err, "feast: "+c.says)
			_, err = feast.NewWithWeights(config, target, feast.Weights{})
			require.ErrorContains(t, err, "feast: "+c.says)
			_, err = feast.NewReference(config, nil, nil)
			require.ErrorContains(t, err, "feast reference: "+c.says)
		})
	}
}

func TestConfigSizes(t *testing.T) {
	c := feast.Default()
	require.Equal(t, []int{2, 32, 11}, []int{c.Banks(), c.Features(), c.Side()})
	require.InDelta(t, 0.001/(16*0.003), c.Balance(), 1e-15)
	c.Mode = feast.Merged
	require.Equal(t, []int{1, 16}, []int{c.Banks(), c.Features()})
}
