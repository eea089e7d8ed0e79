package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/ops/alarm"
	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
)

// TestCertificateEnds reads a file as autocert writes it: the key, our certificate, then that of who signed it.
func TestCertificateEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chat.example.com")
	if at, err := certificateEnds(file); err != nil || !at.IsZero() {
		t.Errorf("without a file: %s, %v", at, err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	text := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte("x")})
	for i := range 2 {
		c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: end.Add(-time.Hour), NotAfter: end.AddDate(i, 0, 0)}
		der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if at, err := certificateEnds(file); err != nil || !at.Equal(end) {
		t.Errorf("%s, %v, want %s", at, err, end)
	}
	if err := os.WriteFile(file, []byte("soup"), 0o600); err != nil {
		t.Fatal(err)
	}
	if at, err := certificateEnds(file); err == nil {
		t.Errorf("of no certificate: %s", at)
	}
}

// TestWhatAlarmsMeasure: all that alarms look at comes from the metrics, sums of their series.
func TestWhatAlarmsMeasure(t *testing.T) {
	m := metrics.New()
	for _, status := range []int{http.StatusOK, http.StatusOK, http.StatusInternalServerError, http.StatusBadRequest} {
		m.Began()
		m.Answered("GET /api/v1/rooms/{room}/changes", "GET", status, 20*time.Millisecond)
	}
	m.Began()
	m.Answered("PUT /api/v1/uploads/{file}/parts/{n}", "PUT", http.StatusOK, 9*time.Second)
	m.Began()
	m.Answered("POST /api/v1/session", "POST", http.StatusUnauthorized, time.Minute)
	m.Counter(catalogue.Mails, "failed").Inc()
	m.Counter(catalogue.Mails, "sent").Inc()
	m.Counter(catalogue.CommitFailures).Inc()
	m.Histogram(catalogue.SyncDuration).Observe(0.3)
	sockets := m.Sockets()
	sockets.Delivered(7)
	sockets.Written(2 * time.Second)
	sockets.Overflowed("fanout")
	sockets.Overflowed("socket")
	m.Gauge(catalogue.FollowerLag, func() float64 { return 3 }, "inbox")
	m.Gauge(catalogue.FollowerLag, func() float64 { return 1 }, "emoji")
	m.Gauge(catalogue.Ready, func() float64 { return 1 })
	m.Gauge(catalogue.DiskFree, func() float64 { return 5 })
	m.Gauge(catalogue.DiskSize, func() float64 { return 9 })
	samples, err := m.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var p alarm.Point
	for _, s := range samples {
		measure(&p, s)
	}
	for what, pair := range map[string][2]float64{
		"requests": {p.Requests, 6}, "failed": {p.FailedRequests, 1}, "server errors": {p.ServerErrors, 1}, "gap fetches": {p.GapFetches, 3},
		"sign-in failures": {p.SignInFailures, 1}, "mails": {p.MailsFailed, 1}, "commits": {p.CommitFailures, 1}, "deliveries": {p.Deliveries, 7},
		"overflows": {p.Overflows, 1}, "lag": {p.FollowerLag.Seconds(), 3}, "free": {p.DiskFree, 5}, "size": {p.DiskSize, 9},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
		}
	}
	last := func(h alarm.Histogram) uint64 {
		if n := len(h.Upper); n == 0 || !math.IsInf(h.Upper[n-1], 1) {
			t.Fatalf("%+v", h)
		}
		return h.Count[len(h.Count)-1]
	}
	if !p.Ready || last(p.Requested) != 5 || last(p.Delivered) != 1 || last(p.Synced) != 1 {
		t.Errorf("%+v", p)
	}
}
