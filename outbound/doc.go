// Package outbound makes HTTP requests to addresses that people of a workspace, or strangers, have named: links to preview, and later
// webhooks, push services and sign-in providers. Such an address may lead into the network of the server.
//
// The guard decides about the resolved IP address, when the connection is made. So it makes no difference how the address is spelled, what
// a name resolves to a second later, or where a redirect leads. Allowed are public addresses on the ports 80 and 443
// ([Check]), unless they are this machine's own.
//
// A request carries no cookies, no credentials and no Referer, uses no proxy, and follows at most three redirects. An answer is read to a
// bound and never decompressed.
//
// It imports nothing of the product.
package outbound
