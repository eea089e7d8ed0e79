package mailserver

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"testing"
)

// Read gives the header and the plain text of a message, as the standard library reads them.
func (m Mail) Read(t testing.TB) (h mail.Header, text string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	read, err := mail.ReadMessage(bytes.NewReader(m.Data))
	must(err)
	_, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	must(err)
	part, err := multipart.NewReader(read.Body, params["boundary"]).NextPart()
	must(err)
	plain, err := io.ReadAll(part)
	must(err)
	return read.Header, string(plain)
}
