// Package bench measures the product as its users meet it, each figure beside a floor: make bench. CPU an operation is the
// figure to trust on a shared machine; rates and times are as good as the machine is quiet.
//
// It holds tests alone and may import everything but commands.
package bench
