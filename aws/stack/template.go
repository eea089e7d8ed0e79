package stack

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

const tableType = "AWS::DynamoDB::Table"

// template is what the deployer needs to know about a CloudFormation template.
type template struct {
	text       []byte
	root       *yaml.Node
	generation int
	resources  []resource // in the order of the template
	parameters []string
	defaults   map[string]string // of parameters
}

type resource struct {
	name, kind, condition string
	table                 string // of a table: what it holds, such as rooms
	set                   string // of a table: the restore that made it; "" for the stack's first tables
	retained              bool
	keys                  string // of a table: its key attributes and their types
	features              features
}

func parseTemplate(b []byte) (*template, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if len(doc.Content) != 1 {
		return nil, errors.New("template: empty")
	}
	t := &template{text: b, root: doc.Content[0], defaults: map[string]string{}}
	var err error
	if t.generation, err = strconv.Atoi(value(at(t.root, "Metadata", "Canteen", "Generation"))); err != nil {
		return nil, fmt.Errorf("template: Metadata.Canteen.Generation is not a number: %w", err)
	}
	for name, n := range pairs(at(t.root, "Parameters")) {
		t.parameters, t.defaults[name] = append(t.parameters, name), value(at(n, "Default"))
	}
	for name, n := range pairs(at(t.root, "Resources")) {
		r := resource{
			name: name, kind: value(at(n, "Type")), condition: value(at(n, "Condition")),
			retained: value(at(n, "DeletionPolicy")) == "Retain",
		}
		if r.kind == tableType {
			var ok bool
			if r.set, r.table, ok = cutTable(value(at(n, "Properties", "TableName")), stackName); !ok {
				return nil, fmt.Errorf("template: the name of the table %s does not begin with the stack's", name)
			}
			r.keys, r.features = keys(at(n, "Properties")), featuresOf(n)
		}
		t.resources = append(t.resources, r)
	}
	return t, nil
}

// keys describes the part of a table that cannot change without replacing the table.
func keys(properties *yaml.Node) string {
	kinds := map[string]string{}
	for _, a := range items(at(properties, "AttributeDefinitions")) {
		kinds[value(at(a, "AttributeName"))] = value(at(a, "AttributeType"))
	}
	var b strings.Builder
	for _, k := range items(at(properties, "KeySchema")) {
		name := value(at(k, "AttributeName"))
		fmt.Fprintf(&b, "%s %s %s\n", value(at(k, "KeyType")), name, kinds[name])
	}
	return b.String()
}

func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// lostTables returns the tables with data that the template would replace or remove, compared with the stack's template.
// CloudFormation is asked too, but it detects some changes of keys too late. Tables that are not in use may be removed.
func (t *template) lostTables(was *template) []string {
	var out []string
	used := was.set()
	for _, old := range was.tables(true) {
		if old.set != used {
			continue
		}
		i := slices.IndexFunc(t.resources, func(r resource) bool { return r.name == old.name })
		if i < 0 || t.resources[i].table != old.table || t.resources[i].keys != old.keys {
			out = append(out, old.name)
		}
	}
	return out
}

// tables returns the tables that outlive a stack, or all.
func (t *template) tables(retainedAlone bool) []resource {
	return slices.DeleteFunc(slices.Clone(t.resources), func(r resource) bool { return r.table == "" || retainedAlone && !r.retained })
}

// subset returns the template with only some resources, for a change set that imports these. They may not refer to others.
func (t *template) subset(names []string) ([]byte, error) {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(t.root.Content); i += 2 {
		key, n := t.root.Content[i], t.root.Content[i+1]
		switch key.Value {
		case "AWSTemplateFormatVersion", "Description":
			out.Content = append(out.Content, key, n)
		case "Metadata": // without the groups of parameters, which the subset does not have
			out.Content = append(out.Content, key, filter(n, func(key string) bool { return key == "Canteen" }))
		case "Resources":
			out.Content = append(out.Content, key, &yaml.Node{Kind: yaml.MappingNode, Content: t.definitions(names)})
		}
	}
	return encoded(out)
}

// filter returns a mapping with some of its keys.
func filter(n *yaml.Node, keep func(key string) bool) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if keep(n.Content[i].Value) {
			out.Content = append(out.Content, n.Content[i], n.Content[i+1])
		}
	}
	return out
}

// merged returns the template with some resources of another added. They may not refer to others.
func (t *template) merged(other *template, names []string) ([]byte, error) {
	out := *t.root
	out.Content = slices.Clone(out.Content)
	for i := 0; i+1 < len(out.Content); i += 2 {
		if out.Content[i].Value == "Resources" {
			more := *out.Content[i+1]
			more.Content = append(slices.Clone(more.Content), other.definitions(names)...)
			out.Content[i+1] = &more
		}
	}
	return encoded(&out)
}

// definitions returns the names and definitions of some resources, in the order of the template, without what they depend on.
func (t *template) definitions(names []string) []*yaml.Node {
	var out []*yaml.Node
	resources := at(t.root, "Resources")
	for i := 0; i+1 < len(resources.Content); i += 2 {
		if slices.Contains(names, resources.Content[i].Value) {
			out = append(out, resources.Content[i], filter(resources.Content[i+1], func(key string) bool { return key != "DependsOn" }))
		}
	}
	return out
}

func encoded(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	err := errors.Join(enc.Encode(n), enc.Close())
	return b.Bytes(), err
}

// at follows keys. It returns nil if one is missing.
func at(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		for name, v := range pairs(n) {
			if name == key {
				next = v
			}
		}
		n = next
	}
	return n
}

func value(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// pairs iterates over the keys and values of a mapping, in order.
func pairs(n *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}
