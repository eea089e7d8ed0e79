package wire

import (
	"net/http"

	"github.com/canteen-chat/canteen"
)

// HTTPStatus is that of a code: the one mapping.
func HTTPStatus(c canteen.Code) int {
	switch c {
	case canteen.Invalid:
		return http.StatusBadRequest
	case canteen.Unauthenticated:
		return http.StatusUnauthorized
	case canteen.Forbidden:
		return http.StatusForbidden
	case canteen.NotFound:
		return http.StatusNotFound
	case canteen.MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case canteen.Conflict:
		return http.StatusConflict
	case canteen.Gone:
		return http.StatusGone
	case canteen.TooLarge:
		return http.StatusRequestEntityTooLarge
	case canteen.UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case canteen.RateLimited:
		return http.StatusTooManyRequests
	case canteen.Unavailable:
		return http.StatusServiceUnavailable
	case canteen.Internal:
	}
	return http.StatusInternalServerError
}
