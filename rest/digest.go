package rest

import (
	"context"
	"net/http"
	"regexp"

	"github.com/canteen-chat/canteen/chat"
)

type unsubscribeIn struct {
	Token string `path:"token" format:"token" doc:"That of the link in a digest"`
}

// unsubscribe ignores the body, which RFC 8058 says is List-Unsubscribe=One-Click.
func (h *Handler) unsubscribe(ctx context.Context, a chat.Actor, in *unsubscribeIn) (*none, error) {
	return nil, h.canteen.Unsubscribe(ctx, a, in.Token)
}

// unsubscribePage sends those who open the link of the header List-Unsubscribe in a browser to a page, which asks first. It changes
// nothing: programs that check links in mail open it too.
func (h *Handler) unsubscribePage() {
	token := regexp.MustCompile(forms()["token"].pattern)
	h.mux.HandleFunc("GET "+base+"/unsubscribe/{token}", func(w http.ResponseWriter, r *http.Request) {
		if !token.MatchString(r.PathValue("token")) {
			h.fail(w, r, errNotFound())
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Location", "/unsubscribe#"+r.PathValue("token"))
		w.WriteHeader(http.StatusSeeOther)
	})
}
