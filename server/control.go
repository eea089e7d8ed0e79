package server

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Admin has the operations of the administration commands. Everybody who can read the data directory may use them.
type Admin interface {
	AddUser(ctx context.Context, in chat.CommandLineUser) (id string, err error)
	AddToken(ctx context.Context, in chat.CommandLineToken) (secret string, err error)
	// ResetPassword gives the path of a link by which the user with a handle chooses a new password.
	ResetPassword(ctx context.Context, handle string) (path string, err error)
	// SetLogLevel changes the level of the running server's log, and gives the level before. Unavailable if no server is running.
	SetLogLevel(ctx context.Context, level string) (was string, err error)
}

// control is the content of DIR/control: the address at which the running server takes administration commands, the secret that they
// need, the address at which it serves, and the URL at which browsers reach it.
type control struct {
	Address string `json:"address"`
	Secret  string `json:"secret"`
	Listens string `json:"listens"`
	URL     string `json:"url"`
}

// controlFailure is the JSON form of a chat.Error.
type controlFailure struct {
	Code    chat.Code `json:"code"`
	Field   string    `json:"field"`
	Message string    `json:"message"`
}

const controlFile = "control"

// local implements Admin in the process that holds the data directory.
type local struct {
	*chat.Canteen
	level *slog.LevelVar // of the log of a running server; nil: there is none
	log   *slog.Logger
}

func (l local) AddUser(ctx context.Context, in chat.CommandLineUser) (string, error) {
	return l.AdminAddUser(ctx, in)
}

func (l local) AddToken(ctx context.Context, in chat.CommandLineToken) (string, error) {
	return l.AdminAddToken(ctx, in)
}

func (l local) ResetPassword(ctx context.Context, handle string) (string, error) {
	secret, err := l.AdminResetPassword(ctx, handle)
	return "/reset#" + secret, err
}

// serveControl listens on a loopback port and writes its address and secret to dir.
func serveControl(dir string, c control, admin Admin, backing *backups, log *slog.Logger) (*http.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.Address, c.Secret = l.Addr().String(), chat.NewSecret()
	b, err := json.Marshal(c) // #nosec G117 -- for a file that only its owner can read
	if err == nil {
		err = writeAtomic(filepath.Join(dir, controlFile), b)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /user", controlled(c.Secret, log, admin.AddUser))
	mux.HandleFunc("POST /password", controlled(c.Secret, log, admin.ResetPassword))
	mux.HandleFunc("POST /token", controlled(c.Secret, log, admin.AddToken))
	mux.HandleFunc("POST /backup", backing.handler(c.Secret))
	mux.HandleFunc("POST /log-level", controlled(c.Secret, log, admin.SetLogLevel))
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("control port failed", "error", err)
		}
	}()
	return s, nil
}

// controlled is the handler of one administration command. It checks the secret.
func controlled[T any](secret string, log *slog.Logger, do func(context.Context, T) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !authorized(w, r, secret) {
			return
		}
		var in T
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in); err != nil {
			http.Error(w, "malformed", http.StatusBadRequest)
			return
		}
		out, err := do(r.Context(), in)
		answer, status := any(out), http.StatusOK
		if err != nil {
			status = http.StatusUnprocessableEntity
			e, ok := errors.AsType[*chat.Error](err)
			if !ok || e.Code == chat.Internal {
				log.Error("administration command failed", "error", err)
				e = chat.Errorf(chat.Internal, "Something went wrong. The server's log has the details.")
			}
			answer = controlFailure{e.Code, e.Field, e.Message}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			log.Warn("answer to an administration command not sent", "error", err)
		}
	}
}

// authorized says whether a request has the secret, and answers it otherwise.
func authorized(w http.ResponseWriter, r *http.Request, secret string) bool {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+secret)) != 1 {
		http.Error(w, "wrong secret", http.StatusForbidden)
		return false
	}
	return true
}

// remote implements Admin through the control port of the process that holds the data directory.
type remote struct{ control }

func readControl(dir string) (remote, error) {
	b, err := os.ReadFile(filepath.Join(dir, controlFile)) // #nosec G304 -- the operator names the directory
	if err != nil {
		return remote{}, err
	}
	var c control
	if err := json.Unmarshal(b, &c); err != nil {
		return remote{}, fmt.Errorf("%s: %w", controlFile, err)
	}
	return remote{c}, nil
}

func (r remote) AddUser(ctx context.Context, in chat.CommandLineUser) (string, error) {
	return r.do(ctx, "/user", in)
}

func (r remote) AddToken(ctx context.Context, in chat.CommandLineToken) (string, error) {
	return r.do(ctx, "/token", in)
}

func (r remote) ResetPassword(ctx context.Context, handle string) (string, error) {
	return r.do(ctx, "/password", handle)
}

func (r remote) SetLogLevel(ctx context.Context, level string) (string, error) {
	return r.do(ctx, "/log-level", level)
}

func (r remote) do(ctx context.Context, path string, in any) (string, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	resp, err := r.send(ctx, path, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return "", err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		var out string
		return out, json.Unmarshal(b, &out)
	case http.StatusUnprocessableEntity:
		var f controlFailure
		if err := json.Unmarshal(b, &f); err != nil {
			return "", err
		}
		return "", &chat.Error{Code: f.Code, Field: f.Field, Message: f.Message}
	}
	return "", fmt.Errorf("the server refused the command: %s", resp.Status)
}

// send sends a command. The caller closes the body of the answer.
func (r remote) send(ctx context.Context, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.Address+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.Secret)
	return http.DefaultClient.Do(req)
}
