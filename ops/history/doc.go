// Package history keeps what a server measured about itself, in a file of a fixed size: every 10 s for a day, every minute for 30 days and
// every hour for two years.
//
// A [Recorder] reads the series of package ops/metrics every 10 s and writes what the table of series says: counters as rates, gauges as
// they are, and of histograms the rate of each bucket, so that a percentile can be computed of any span. A [File] is a ring: each slot has
// a fixed place, so that writing costs the same however old the file is. A slot holds its time and a checksum. One that is older, torn or
// was never written is a gap, which a reader sees as NaN and never as zero. Slots are written without waiting for the disk: a killed
// process loses nothing that it wrote, a power cut may lose the last half minute.
//
// The package may import ops/catalogue and ops/metrics only.
package history
