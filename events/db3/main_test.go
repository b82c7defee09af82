package db3_test

import (
	_ "github.com/saccade-dev/saccade/events/evt3"
	_ "github.com/saccade-dev/saccade/events/libcaer"
	_ "github.com/saccade-dev/saccade/events/mono"
)
