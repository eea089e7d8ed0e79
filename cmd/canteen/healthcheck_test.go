package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHealthcheck: the exit code is 0 when the server is ready, 1 when it is not or does not answer, 2 for a malformed address.
func TestHealthcheck(t *testing.T) {
	ready := true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" || !ready {
			http.Error(w, "the disk is full", http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	addr := strings.TrimPrefix(s.URL, "http://")
	_, port, _ := strings.Cut(addr, ":")
	check := func(addr string, code int, says string) {
		t.Helper()
		var out, log bytes.Buffer
		got := run(t.Context(), []string{"healthcheck", "--addr", addr}, streams{nil, &out, &log})
		if got != code || !strings.Contains(log.String(), says) {
			t.Errorf("%s: %d, want %d: %s", addr, got, code, &log)
		}
	}
	check(addr, 0, "")
	check("0.0.0.0:"+port, 0, "")
	check(":"+port, 0, "")
	ready = false
	check(addr, 1, "503 Service Unavailable the disk is full")
	check("nowhere", 2, "must be host:port")
	s.Close()
	check(addr, 1, "does not answer")
	t.Setenv("CANTEEN_ADDR", addr) // as in the container image
	var log bytes.Buffer
	if got := run(t.Context(), []string{"healthcheck"}, streams{nil, &log, &log}); got != 1 || !strings.Contains(log.String(), port) {
		t.Error(fmt.Sprint("by environment: ", got, " ", log.String()))
	}
}
