package ses_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/canteen-chat/canteen/mail"
	"github.com/canteen-chat/canteen/ses"
)

func letter() mail.Message {
	return mail.Message{
		From:    mail.Address{Name: "Canteen", Email: "chat@example.com"},
		To:      mail.Address{Name: "Mira, Ёлка\r\nBcc: x@example.com", Email: "mira@example.org"},
		Subject: "2 unread\r\nX: y", Text: "Hello", HTML: "<p>Hello</p>", Key: "k", At: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC),
		Unsubscribe: "https://chat.example.com/api/v1/unsubscribe/abc",
	}
}

func mailer(url string) *ses.Mailer {
	return ses.New(ses.Options{
		Region: "eu-central-1", Suffix: "amazonaws.com", Endpoint: url, Clock: time.Now,
		Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
	})
}

// TestSend: one signed request, in the shape of the API's reference; names make no header.
func TestSend(t *testing.T) {
	var got struct {
		FromEmailAddress string
		Destination      struct{ ToAddresses []string }
		Content          struct {
			Simple struct {
				Subject struct{ Data, Charset string }
				Body    struct {
					Text, Html struct{ Data, Charset string }
				}
				Headers []struct{ Name, Value string }
			}
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		signed := r.Header.Get("Authorization")
		if err := d.Decode(&got); err != nil || r.URL.Path != "/v2/email/outbound-emails" || r.Method != http.MethodPost ||
			!strings.Contains(signed, "/eu-central-1/ses/aws4_request") {
			t.Errorf("%s %s, %q: %v", r.Method, r.URL, signed, err)
		}
		_, _ = io.WriteString(w, `{"MessageId":"1"}`)
	}))
	defer server.Close()
	if err := mailer(server.URL).Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	to, err := netmail.ParseAddress(got.Destination.ToAddresses[0])
	if err != nil || len(got.Destination.ToAddresses) != 1 ||
		to.Address != "mira@example.org" || to.Name != "Mira, Ёлка Bcc: x@example.com" {
		t.Errorf("to %q: %v", got.Destination.ToAddresses, err)
	}
	if from, err := netmail.ParseAddress(got.FromEmailAddress); err != nil || from.Address != "chat@example.com" || from.Name != "Canteen" {
		t.Errorf("from %q: %v", got.FromEmailAddress, err)
	}
	m := got.Content.Simple
	if m.Subject.Data != "2 unread X: y" || m.Body.Text.Data != "Hello" ||
		m.Body.Html.Data != "<p>Hello</p>" || m.Body.Html.Charset != "UTF-8" {
		t.Errorf("%+v", m)
	}
	want := "{Auto-Submitted auto-generated} {List-Unsubscribe <https://chat.example.com/api/v1/unsubscribe/abc>} " +
		"{List-Unsubscribe-Post List-Unsubscribe=One-Click}"
	var headers []string
	for _, h := range m.Headers {
		headers = append(headers, "{"+h.Name+" "+h.Value+"}")
	}
	if got := strings.Join(headers, " "); got != want {
		t.Errorf("headers %s", got)
	}
}

// TestTrouble: what SES refuses is tried later; what it may have taken is not. Errors name the kind, and nobody.
func TestTrouble(t *testing.T) {
	for _, row := range []struct {
		status    int
		kind      string
		uncertain bool
	}{
		{400, "MessageRejected", false}, {429, "TooManyRequestsException", false}, {403, "AccessDeniedException", false},
		{500, "", false}, {0, "", true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if row.status == 0 {
				panic(http.ErrAbortHandler)
			}
			w.Header().Set("X-Amzn-ErrorType", row.kind+":http://internal.amazon.com/")
			w.WriteHeader(row.status)
			_, _ = io.WriteString(w, `{"message":"Email address is not verified: mira@example.org"}`)
		}))
		err := mailer(server.URL).Send(t.Context(), letter())
		server.Close()
		if err == nil || errors.Is(err, mail.ErrUncertain) != row.uncertain || errors.Is(err, mail.ErrRefused) ||
			!strings.Contains(err.Error(), row.kind) || strings.Contains(err.Error(), "mira@") {
			t.Errorf("%d %s: %v", row.status, row.kind, err)
		}
	}
	err := mailer("http://127.0.0.1:1").Send(t.Context(), letter())
	if err == nil || errors.Is(err, mail.ErrUncertain) {
		t.Errorf("nobody listens: %v", err)
	}
}
