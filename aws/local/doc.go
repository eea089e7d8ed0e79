// Package local is AWS on one machine, for tests and for trying things: an emulator (ministack) as a process, and a front
// that stands for CloudFront, which the emulator has no data plane of. It is part of no product binary: cmd/canteen-aws-local
// and tests use it.
//
// It may import the AWS SDK and aws/template, none of the product.
package local
