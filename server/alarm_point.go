package server

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/ops/alarm"
	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
)

// measuring measures what alarms look at.
type measuring struct {
	h      *dataDir
	domain string // of our own certificate; "": others terminate TLS
	mail   bool
}

// point completes a point. With an error, it has what could be measured.
func (m measuring) point(p alarm.Point) (alarm.Point, error) {
	samples, err := m.h.meter.Snapshot()
	for _, s := range samples {
		measure(&p, s)
	}
	p.MailUsed = m.mail
	p.Shipped, p.ShipsUsed = m.h.ship.upTo()
	var backupErr, certificateErr error
	p.Backup, backupErr = lastBackup(m.h.dir)
	if m.domain != "" {
		p.CertificateEnds, certificateErr = certificateEnds(filepath.Join(m.h.dir, certificatesDir, m.domain))
	}
	return p, errors.Join(err, backupErr, certificateErr)
}

// probeUp is a gauge that is there while the server probes itself.
const probeUp = "canteen_probe_up"

// measure adds one series to a point.
func measure(p *alarm.Point, s metrics.Sample) {
	switch s.Name {
	case catalogue.Requests:
		p.Requests += s.Value
		if label(s, "status") == "5xx" {
			p.FailedRequests += s.Value
		}
	case catalogue.QueueOverflows:
		if label(s, "queue") == "fanout" {
			p.Overflows += s.Value
		}
	case catalogue.Mails:
		if label(s, "result") == digest.Failed {
			p.MailsFailed += s.Value
		}
	case catalogue.ServerErrors:
		p.ServerErrors = s.Value
	case catalogue.GapFetches:
		p.GapFetches = s.Value
	case catalogue.Deliveries:
		p.Deliveries = s.Value
	case catalogue.CommitFailures:
		p.CommitFailures = s.Value
	case catalogue.SignInFailures:
		p.SignInFailures = s.Value
	case catalogue.RequestDuration:
		if label(s, "method") != "PUT" { // parts of files: they take as long as the sender's line
			add(&p.Requested, s)
		}
	case catalogue.DeliveryDelay:
		add(&p.Delivered, s)
	case catalogue.SyncDuration:
		add(&p.Synced, s)
	case catalogue.FollowerLag:
		p.FollowerLag = max(p.FollowerLag, time.Duration(s.Value*float64(time.Second)))
	case catalogue.Ready:
		p.Ready = s.Value == 1
	case catalogue.DiskFree:
		p.DiskFree = s.Value
	case catalogue.DiskSize:
		p.DiskSize = s.Value
	case probeUp:
		p.Probed, p.ProbeWorks = true, s.Value == 1
	}
}

func label(s metrics.Sample, name string) string {
	for _, l := range s.Labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// add adds the values of a series to a histogram. All series of a metric have the same bounds.
func add(h *alarm.Histogram, s metrics.Sample) {
	if h.Upper == nil {
		for _, b := range s.Buckets {
			h.Upper = append(h.Upper, b.Upper)
		}
		if !slices.Contains(h.Upper, math.Inf(1)) {
			h.Upper = append(h.Upper, math.Inf(1))
		}
		h.Count = make([]uint64, len(h.Upper))
	}
	for i, b := range s.Buckets {
		h.Count[i] += b.Count
	}
	if len(s.Buckets) < len(h.Count) {
		h.Count[len(h.Count)-1] += s.Count
	}
}

// certificateEnds is when the certificate in a file of autocert's cache ends; zero while there is none. The file has the key, and the
// certificates from ours on.
func certificateEnds(file string) (at time.Time, err error) {
	rest, err := os.ReadFile(file) // #nosec G304 -- in the data directory
	if errors.Is(err, os.ErrNotExist) {
		return at, nil
	} else if err != nil {
		return at, err
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return at, fmt.Errorf("%s has no certificate", filepath.Base(file))
		}
		if block.Type == "CERTIFICATE" {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return at, err
			}
			return c.NotAfter, nil
		}
	}
}
