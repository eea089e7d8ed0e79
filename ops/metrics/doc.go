// Package metrics counts what the catalogue names, in this process, and gives the series to Prometheus and to this program's own history.
//
// A [Meter] has a registry of its own. Counters and histograms are made when it is, so that those without labels start at 0; a gauge is
// read whenever somebody asks for the series. Recording takes no lock that a reader of the series holds for long, and costs at most 100 ns
// (BenchmarkRecord). The packages that report to a Meter do not know it: package server gives them its methods.
//
// The package may import ops/catalogue only.
package metrics
