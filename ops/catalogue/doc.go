// Package catalogue lists every metric of Canteen: name, kind, labels, unit, meaning, and the package that reports it. Both homes use it.
// On one machine package ops/metrics makes the series from it. On AWS the functions write those with a name in CloudWatch as lines in the
// embedded metric format.
//
// Names follow Prometheus's conventions (https://prometheus.io/docs/practices/naming/). Labels have few values, which are known before:
// routes, methods, classes of statuses. They never are ids, addresses or what people write.
//
// The package imports nothing of the product.
package catalogue
