package wire

import (
	"net/http"

	"github.com/canteen-chat/canteen/chat"
)

// HTTPStatus returns the HTTP status of an error code. It is the only mapping.
func HTTPStatus(c chat.Code) int {
	switch c {
	case chat.Invalid:
		return http.StatusBadRequest
	case chat.Unauthenticated:
		return http.StatusUnauthorized
	case chat.Forbidden:
		return http.StatusForbidden
	case chat.NotFound:
		return http.StatusNotFound
	case chat.MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case chat.Timeout:
		return http.StatusRequestTimeout
	case chat.Conflict:
		return http.StatusConflict
	case chat.Gone:
		return http.StatusGone
	case chat.TooLarge:
		return http.StatusRequestEntityTooLarge
	case chat.UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case chat.Misdirected:
		return http.StatusMisdirectedRequest
	case chat.RateLimited:
		return http.StatusTooManyRequests
	case chat.Unavailable:
		return http.StatusServiceUnavailable
	case chat.Internal:
	}
	return http.StatusInternalServerError
}
