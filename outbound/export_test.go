package outbound

import "net"

// ToItself is toItself of a connection between two addresses.
func ToItself(local, remote string) bool {
	return toItself(ends{local: text(local), remote: text(remote)})
}

type ends struct {
	net.Conn
	local, remote net.Addr
}

func (e ends) LocalAddr() net.Addr  { return e.local }
func (e ends) RemoteAddr() net.Addr { return e.remote }

type text string

func (text) Network() string  { return "tcp" }
func (t text) String() string { return string(t) }
