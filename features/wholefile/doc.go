// Package wholefile writes files that are either there whole or stay as they were: models,
// networks and reports.
package wholefile
