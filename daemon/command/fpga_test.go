package command_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A device that is served is looked at, and learns what a processor does: the same file.
func TestFPGA(t *testing.T) {
	dir := t.TempDir()
	done(t, "simulate", filepath.Join(dir, "data"), "--train", "3", "--test", "0")

	served := start(t, "fpga", "serve", "--registers", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--json")
	var listening struct {
		Listening struct {
			Device, Registers, Stream, UDP string
			Build                          map[string]int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(served.out.await(t, 1, `^\{"listening":.*\}$`)[0][0]), &listening))
	l := listening.Listening
	require.Equal(t, "fpga@"+l.Registers, l.Device)
	require.Equal(t, map[string]int{
		"rows": 11, "lanes": 176, "neurons": 64, "cells": 4096, "in_fifo": 512, "out_fifo": 512,
		"delta_weights": 4096, "delta_sums": 256, "delta_layers": 32,
	}, l.Build)

	text := done(t, "fpga", "info", l.UDP+",registers=udp")
	require.Contains(t, text, "status          idle\n  configuration   none\n")

	models := map[string][]byte{}
	for _, device := range []string{"auto", l.Device} {
		path := filepath.Join(dir, "model")
		done(t, "train", "feast", filepath.Join(dir, "data", "Train"), "--device", device, "-o", path)
		model, err := os.ReadFile(path)
		require.NoError(t, err)
		models[device] = model
		require.True(t, bytes.Equal(models["auto"], model), device)
	}

	var info struct {
		Device, Identification string
		Status                 []string
		Error                  string
		Configuration          struct {
			Width, Height, Radius, Neurons int
			Mode                           string
		}
		Counters []struct {
			Name  string
			Value uint64
		}
	}
	require.NoError(t, json.Unmarshal([]byte(done(t, "fpga", "info", "--json", l.Device)), &info))
	require.Equal(t, l.Device, info.Device)
	require.Equal(t, "0x44414353", info.Identification)
	require.Equal(t, []string{"configured", "idle"}, info.Status)
	require.Empty(t, info.Error)
	require.Equal(t, 34, info.Configuration.Width)
	require.Equal(t, "split", info.Configuration.Mode)
	require.Equal(t, "events", info.Counters[1].Name)
	require.Greater(t, info.Counters[1].Value, uint64(1000))
	require.Equal(t, "corrections", info.Counters[12].Name)
	text = done(t, "fpga", "info", l.Registers)
	require.Contains(t, text, "34x34, split, 16 neurons a bank, radius 5; flags: ")
	require.Contains(t, text, "eta 0.001, delta I 0.001, delta E 0.003")

	served.stop()
	require.Zero(t, served.wait(t))
	var report struct {
		Report struct {
			Events, Cycles uint64
			EventsPerS     float64 `json:"events_per_s"`
			Units          []struct{ Share float64 }
		}
		Link struct {
			Hosts, Refused, Discarded uint64
			WordsIn                   uint64 `json:"words_in"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(served.out.await(t, 1, `^\{"report":.*\}$`)[0][0]), &report))
	require.Equal(t, info.Counters[1].Value, report.Report.Events)
	require.Greater(t, report.Report.EventsPerS, 1e6)
	require.Len(t, report.Report.Units, 7)
	require.Zero(t, report.Link.Refused+report.Link.Discarded)
	require.Greater(t, report.Link.WordsIn, report.Report.Events)
	require.Empty(t, served.err.String())
}
