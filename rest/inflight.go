package rest

import (
	"context"
	"net/http"
	"runtime"
	"sync"

	"github.com/canteen-chat/canteen/chat"
)

// inFlight bounds the requests of each user that are in flight on this machine, sockets apart. Of these requests, only some reads of a
// user run at the same time; the others wait for their turn, so that one user's large reads leave processors to everybody else.
// On AWS an instance has one request at a time, and only the rates bound a user.
type inFlight struct {
	mu    sync.Mutex
	users map[string]*flights
	most  int // requests of one user; 0: no bound
	reads int // of one user at the same time
}

// flights are the requests of one user.
type flights struct {
	n       int
	reading chan struct{} // holds a value for each read that runs
}

func newInFlight(most int) *inFlight {
	return &inFlight{users: map[string]*flights{}, most: most, reads: max(1, runtime.GOMAXPROCS(0)/2)}
}

// enter counts a request of a user until leave is called. It fails if there are too many.
func (f *inFlight) enter(user string) (of *flights, leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	of = f.users[user]
	if of == nil {
		of = &flights{reading: make(chan struct{}, f.reads)}
		f.users[user] = of
	}
	if of.n >= f.most {
		return nil, nil, chat.ErrTooManyInFlight()
	}
	of.n++
	return of, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if of.n--; of.n == 0 {
			delete(f.users, user)
		}
	}, nil
}

// read waits for the turn of a read. The caller calls done once the answer is encoded, and may call it again.
func (of *flights) read(ctx context.Context) (done func(), err error) {
	select {
	case of.reading <- struct{}{}:
		return sync.OnceFunc(func() { <-of.reading }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve runs f as one of a user's requests.
func (f *inFlight) serve(w http.ResponseWriter, r *http.Request, user string, next http.HandlerFunc) error {
	if f.most == 0 {
		next(w, r)
		return nil
	}
	of, leave, err := f.enter(user)
	if err != nil {
		return err
	}
	defer leave()
	if writes(r.Method) {
		next(w, r)
		return nil
	}
	done, err := of.read(r.Context())
	if err != nil {
		return err
	}
	defer done()
	next(&readWriter{w, done}, r)
	return nil
}

// readWriter ends a read with the first byte of its answer, which is encoded as a whole before. Whoever receives slowly does not keep
// their other reads waiting.
type readWriter struct {
	http.ResponseWriter
	done func()
}

// Write implements http.ResponseWriter.
func (w *readWriter) Write(b []byte) (int, error) {
	w.done()
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController access to the wrapped writer.
func (w *readWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
