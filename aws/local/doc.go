// Package local runs AWS on one machine, for tests and for trying things: an emulator (ministack) in a process, and a front
// that replaces CloudFront, which the emulator does not serve. It is part of no product binary: cmd/canteen-aws-local and
// tests use it.
//
// It may import the AWS SDK and aws/template, but no package of the product.
package local
