package hostile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// need is one right that a request takes: of a table its name, with /index/NAME for one of its indexes; of connections nothing.
type need struct{ action, table string }

// process is who asks, by its key. nil when nobody of ours does.
func (g *Gateway) process(r *http.Request) *process {
	_, key, ok := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !ok {
		return nil
	}
	key, _, _ = strings.Cut(key, "/")
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.processes[key]
}

// allowed refuses, as AWS does, what the function's role has no right to, and reports it.
func (g *Gateway) allowed(w http.ResponseWriter, r *http.Request, needs []need) bool {
	p := g.process(r)
	if p == nil || g.o.May == nil {
		return true
	}
	for _, n := range needs {
		if !g.o.May(p.role, n.action, strings.TrimPrefix(n.table, g.o.Tables)) {
			g.fault(fmt.Errorf("the role of %s has no right to %s on %q", p.role, n.action, n.table))
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"__type":"AccessDeniedException","message":"User is not authorized to perform: %s"}`, n.action)
			return false
		}
	}
	return true
}

// needs are the rights that a request to DynamoDB takes. A transaction takes those of what is in it, and none of its own.
func needs(target string, body []byte) ([]need, error) {
	_, action, _ := strings.Cut(target, ".")
	var in struct {
		TableName, IndexName string
		RequestItems         map[string]json.RawMessage
		TransactItems        []map[string]struct{ TableName string }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, fmt.Errorf("%s: %w", target, err)
	}
	var out []need
	if in.TableName != "" {
		table := in.TableName
		if in.IndexName != "" {
			table += "/index/" + in.IndexName
		}
		out = append(out, need{"dynamodb:" + action, table})
	}
	for table := range in.RequestItems {
		out = append(out, need{"dynamodb:" + action, table})
	}
	for _, item := range in.TransactItems {
		for kind, i := range item {
			name := map[string]string{
				"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
			}[kind]
			out = append(out, need{"dynamodb:" + name, i.TableName})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s names no table", target)
	}
	return out, nil
}
