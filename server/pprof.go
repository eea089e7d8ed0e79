package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof" // #nosec G108 -- it adds itself to the default mux, which nothing serves
	"net/netip"
	"time"
)

// checkPprof refuses an address that other machines could reach.
func checkPprof(addr string) error {
	at, err := netip.ParseAddrPort(addr)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("--pprof %q: must be an address of this machine alone, with a port, such as 127.0.0.1:6060", addr)
	}
	return nil
}

// servePprof serves the profiles of package net/http/pprof at an address of this machine. nil for no address.
func servePprof(addr string, log *slog.Logger) (*http.Server, error) {
	if addr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("--pprof: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	s := &http.Server{Handler: ofThisMachine(mux), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: maxHeader}
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("profiles are no longer served", "error", err)
		}
	}()
	log.Info("profiles are served to programs on this machine", "url", "http://"+l.Addr().String()+"/debug/pprof/")
	return s, nil
}

// ofThisMachine refuses requests that name no address of this machine: those of a page in a browser here whose name was made to resolve
// to it.
func ofThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, err := netip.ParseAddrPort(r.Host); err != nil || !at.Addr().Unmap().IsLoopback() {
			http.Error(w, "This address is for programs on this machine.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
