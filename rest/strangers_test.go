package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
)

// BenchmarkStrangersBody measures what one hostile body of a stranger costs: 1 MiB of JSON that is well-formed and wrong.
func BenchmarkStrangersBody(b *testing.B) {
	w := world.OpenFast(b)
	for name, element := range map[string]string{"unknown names": `"%":1,`, "lists": `[],`, "objects": `{},`} {
		body := `{"email":[` + strings.Repeat(element, 1<<20/len(element)-10) + `0]}`
		if name == "unknown names" {
			var names strings.Builder
			for i := range 80_000 {
				names.WriteString(`"` + world.UUID(i)[24:] + `":1,`)
			}
			body = `{` + names.String()[:1<<20-100] + `"x":1}`
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w.Send(http.MethodPost, "/api/v1/session", body, nil)
			}
		})
	}
}
