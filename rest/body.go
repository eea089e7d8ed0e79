package rest

import "net/http"

// The types of inputs and outputs that huma needs around bodies.
type (
	none           struct{}
	bodyIn[T any]  struct{ Body T }
	bodyOut[T any] struct{ Body T }

	// made is an answer with status 201, or 200 if the resource existed already.
	made[T any] struct {
		Status int
		Body   T
	}

	// tagged is an answer with an ETag, or 304 if the client has it already.
	tagged[T any] struct {
		Status int
		ETag   string `header:"ETag"`
		Body   T
	}

	idIn struct {
		ID string `path:"id" format:"id"`
	}
	userIn struct {
		User string `path:"user" format:"id" doc:"User id"`
	}
	roomIn struct {
		Room string `path:"room" format:"room" doc:"Room id, or # and the name of a public room, URL-encoded"`
	}

	roomBody[T any] struct {
		Room string `path:"room" format:"room" doc:"Room id, or # and the name of a public room, URL-encoded"`
		Body T
	}
	MemberIn struct {
		Room string `path:"room" format:"room" doc:"Room id, or # and the name of a public room, URL-encoded"`
		User string `path:"user" format:"id" doc:"User id"`
	}
	// MessageIn is exported since huma fills only exported embedded structs.
	MessageIn struct {
		Room string `path:"room" format:"room" doc:"Room id, or # and the name of a public room, URL-encoded"`
		Seq  int64  `path:"seq" minimum:"1" maximum:"9007199254740991" example:"12"`
	}
)

func ok[T any](v T) *bodyOut[T] { return &bodyOut[T]{Body: v} }

// each applies f to every element of a list. It never returns nil.
func each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// status201 returns 201 if a resource was created, else 200.
func status201(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}
