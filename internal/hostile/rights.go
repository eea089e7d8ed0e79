package hostile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// need is a permission that a request needs. table is the table's name, with /index/NAME for an index; it is empty for connections.
type need struct{ action, table string }

// process is the process that sent a request, found by its access key; nil if it is none of the gateway's.
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

// allowed refuses, like AWS, a request that the function's role does not permit, and reports it as an error.
func (g *Gateway) allowed(w http.ResponseWriter, r *http.Request, needs []need) bool {
	p := g.process(r)
	if p == nil || g.o.May == nil {
		return true
	}
	for _, n := range needs {
		if !g.o.May(p.role, n.action, strings.TrimPrefix(n.table, g.o.Tables)) {
			g.fault(fmt.Errorf("the role of %s does not permit %s on %q", p.role, n.action, n.table))
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"__type":"AccessDeniedException","message":"User is not authorized to perform: %s"}`, n.action)
			return false
		}
	}
	return true
}

// needs are the permissions that a request to DynamoDB needs. A transaction needs those of its items only.
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
