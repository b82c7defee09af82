// Package deploy holds what runs a daemon and watches it: files, and tests that they fit the daemon.
//
//	systemd/     a unit, and the configuration that it runs with
//	container/   a container file, and a composition with NATS, Prometheus and Grafana
//	prometheus/  alert rules, and tests of them for promtool
//	grafana/     a dashboard
//
// Every expression of the rules and of the dashboard is parsed, and its metrics, labels and
// types are compared with what the daemon's collector gives: one that is renamed, or loses
// a label, fails a test here, and not in somebody's night. Directives of the unit are
// compared with those of systemd's manual, its command line with that of the daemon.
package deploy
