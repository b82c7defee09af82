// Package rostest serialises the event messages of ROS, for tests of bags. It is written
// from the definitions of the messages, and knows nothing of the package that reads them.
// It is imported by tests alone.
package rostest
