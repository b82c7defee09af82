// Package edit cuts, filters and merges recordings as they are read: readers over readers,
// which hold a packet and no more of a recording, whatever its size.
//
//	r := edit.NewWindow(edit.NewCrop(camera, area), from, to)
//	m := edit.NewMerge(left, right)
//
// Every reader here keeps the contract of [events.Reader], hands on what its source says of
// damage, and is an [events.TriggerSource]: triggers keep their place between the events
// that are left. Between two events there may be [MaxTriggers] of them; what is more is
// left out and counted as "trigger too many".
package edit
