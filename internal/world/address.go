package world

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Address returns a free address of this machine for a server that is restarted on it. Its port is below those that the system assigns,
// so that no other test gets it while the server is down.
func Address(t testing.TB) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)) // #nosec G404 -- no secret
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return addr
	}
	t.Fatal("no port from 10000 to 30000 is free")
	return ""
}
