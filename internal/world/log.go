package world

import (
	"bytes"
	"strings"
	"sync"
)

// Log is an io.Writer for the log of a running server, which tests read.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is what was logged since the last Take.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Take gives the lines with a text, and forgets all lines.
func (l *Log) Take(with string) (lines []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.b.String()) {
		if strings.Contains(line, with) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	l.b.Reset()
	return lines
}
