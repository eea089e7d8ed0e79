package catalogue

import "net/http"

// IsGapFetch says whether a route is the one by which clients fetch what they missed in a room.
func IsGapFetch(route string) bool { return route == "GET /api/v1/rooms/{room}/changes" }

// IsSignInFailure says whether a request was an attempt to sign in with a wrong password or an unknown address.
func IsSignInFailure(route string, status int) bool {
	return route == "POST /api/v1/session" && status == http.StatusUnauthorized
}
