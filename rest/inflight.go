package rest

import (
	"context"
	"net/http"
	"runtime"
	"sync"

	"github.com/canteen-chat/canteen/chat"
)

// inFlight bounds the requests of each user that are in flight on this machine, sockets apart. Of these requests, only some reads of a
// user run at the same time; the others wait for their turn, so that one user's large reads leave processors to everybody else. Requests
// that decode pictures, or read whole files, run one at a time: one user has one place in the queue of the decoder, however much they send.
// All bots of one owner are one user here (see [chat.User.Share]). On AWS an instance has one request at a time, and only the rates bound a
// user.
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
	drawing chan struct{} // holds a value while a request runs that draws
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
		of = &flights{reading: make(chan struct{}, f.reads), drawing: make(chan struct{}, 1)}
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

// turn waits for room among turns. The caller calls done afterwards, and may call it again.
func turn(ctx context.Context, turns chan struct{}) (done func(), err error) {
	select {
	case turns <- struct{}{}:
		return sync.OnceFunc(func() { <-turns }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve runs next as one of a user's requests. draws says whether it decodes a picture or reads a whole file.
func (f *inFlight) serve(w http.ResponseWriter, r *http.Request, user string, draws bool, next http.HandlerFunc) error {
	if f.most == 0 {
		next(w, r)
		return nil
	}
	of, leave, err := f.enter(user)
	if err != nil {
		return err
	}
	defer leave()
	turns := of.reading
	switch {
	case draws:
		turns = of.drawing
	case writes(r.Method):
		next(w, r)
		return nil
	}
	done, err := turn(r.Context(), turns)
	if err != nil {
		return err
	}
	defer done()
	if !draws {
		w = &readWriter{w, done}
	}
	next(w, r)
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
