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

// template is what the deployer must know of the template that it sends.
type template struct {
	text       []byte
	root       *yaml.Node
	generation int
	resources  []resource // in the order of the template
	parameters []string
}

type resource struct {
	name, kind, condition string
	table                 string // of a table: its name after the stack's and a hyphen
	retained              bool
	keys                  string // of a table: its key attributes and their types
}

func parseTemplate(b []byte) (*template, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if len(doc.Content) != 1 {
		return nil, errors.New("template: it is empty")
	}
	t := &template{text: b, root: doc.Content[0]}
	var err error
	if t.generation, err = strconv.Atoi(value(at(t.root, "Metadata", "Canteen", "Generation"))); err != nil {
		return nil, fmt.Errorf("template: Metadata.Canteen.Generation is no number: %w", err)
	}
	for name := range pairs(at(t.root, "Parameters")) {
		t.parameters = append(t.parameters, name)
	}
	for name, n := range pairs(at(t.root, "Resources")) {
		r := resource{
			name: name, kind: value(at(n, "Type")), condition: value(at(n, "Condition")),
			retained: value(at(n, "DeletionPolicy")) == "Retain",
		}
		if r.kind == tableType {
			stem, ok := strings.CutPrefix(value(at(n, "Properties", "TableName")), "${AWS::StackName}-")
			if !ok {
				return nil, fmt.Errorf("template: the table %s is not called after the stack", name)
			}
			r.table, r.keys = stem, keys(at(n, "Properties"))
		}
		t.resources = append(t.resources, r)
	}
	return t, nil
}

// keys are what cannot change of a table without making another.
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

// endangered are the tables of data that the template would replace or remove, compared to what made the stack. CloudFormation
// is asked too, but it says of some changes of keys only when it is too late that they need another table.
func (t *template) endangered(was *template) []string {
	var out []string
	for _, old := range was.tables(true) {
		i := slices.IndexFunc(t.resources, func(r resource) bool { return r.name == old.name })
		if i < 0 || t.resources[i].table != old.table || t.resources[i].keys != old.keys {
			out = append(out, old.name)
		}
	}
	return out
}

// tables are those that outlive a stack, or all.
func (t *template) tables(retainedAlone bool) []resource {
	return slices.DeleteFunc(slices.Clone(t.resources), func(r resource) bool { return r.table == "" || retainedAlone && !r.retained })
}

// only is the template with some of its resources: what a change set that imports these may say. Nothing in them may refer to
// another.
func (t *template) only(names []string) ([]byte, error) {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(t.root.Content); i += 2 {
		key, n := t.root.Content[i], t.root.Content[i+1]
		switch key.Value {
		case "AWSTemplateFormatVersion", "Description", "Metadata":
			out.Content = append(out.Content, key, n)
		case "Resources":
			out.Content = append(out.Content, key, &yaml.Node{Kind: yaml.MappingNode, Content: t.some(names)})
		}
	}
	return encoded(out)
}

// with is the template and some resources of another, to which the same applies.
func (t *template) with(other *template, names []string) ([]byte, error) {
	out := *t.root
	out.Content = slices.Clone(out.Content)
	for i := 0; i+1 < len(out.Content); i += 2 {
		if out.Content[i].Value == "Resources" {
			more := *out.Content[i+1]
			more.Content = append(slices.Clone(more.Content), other.some(names)...)
			out.Content[i+1] = &more
		}
	}
	return encoded(&out)
}

// some are the names and definitions of resources, in the order of the template.
func (t *template) some(names []string) []*yaml.Node {
	var out []*yaml.Node
	resources := at(t.root, "Resources")
	for i := 0; i+1 < len(resources.Content); i += 2 {
		if slices.Contains(names, resources.Content[i].Value) {
			out = append(out, resources.Content[i], resources.Content[i+1])
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

// at follows keys; nil when one is missing.
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

// pairs are the keys and values of a mapping, in order.
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
