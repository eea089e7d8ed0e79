package stack

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"gopkg.in/yaml.v3"
)

// A set of tables holds one workspace. The first set of a stack has no name, and its tables are called STACK-rooms and so on. Each
// restore makes another set, STACK.SET.rooms and so on. Names of stacks contain no dot, so no other stack has such tables.
//
// In templates a table of a named set has the set's name at the end of its logical name. CloudFormation can therefore import restored
// tables beside those in use, and one change of the stack then uses them and releases the others.

// stackName stands for the stack's name in templates.
const stackName = "${AWS::StackName}"

// tablePrefix returns what the names of a set's tables begin with.
func tablePrefix(stack, set string) string {
	if set == "" {
		return stack + "-"
	}
	return stack + "." + set + "."
}

// cutTable splits the name of a table of a stack.
func cutTable(name, stack string) (set, table string, ok bool) {
	rest, ok := strings.CutPrefix(name, stack)
	if !ok || rest == "" {
		return "", "", false
	}
	if table, ok = strings.CutPrefix(rest, "-"); ok {
		return "", table, table != ""
	}
	parts := strings.Split(rest, ".")
	if len(parts) != 3 || parts[0] != "" || parts[1] == "" || parts[2] == "" {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// set returns the set of tables that the template's functions use, as its output TablePrefix says.
func (t *template) set() string {
	prefix := value(at(t.root, "Outputs", "TablePrefix", "Value"))
	set, _, _ := cutTable(prefix+"x", stackName)
	return set
}

// ofSet returns the template with its tables renamed to those of a set, wherever it refers to them. Tables that it does not use are left
// out.
func (t *template) ofSet(set string) (*template, error) {
	used := t.set()
	names, unused, tables := map[string]string{}, map[string]bool{}, map[string]bool{"": true}
	for _, r := range t.tables(false) {
		tables[r.table] = true
		switch {
		case r.set != used:
			unused[r.name] = true
		case r.retained: // others keep their logical names, so that CloudFormation replaces them
			names[r.name] = strings.TrimSuffix(r.name, used) + set
		}
	}
	rename := renaming{names, tables, tablePrefix(stackName, used), tablePrefix(stackName, set)}
	root := rename.copy(t.root)
	resources := at(root, "Resources")
	var kept []*yaml.Node
	for i := 0; i+1 < len(resources.Content); i += 2 {
		key := resources.Content[i]
		if unused[key.Value] {
			continue
		}
		if renamed := names[key.Value]; renamed != "" {
			key.Value = renamed
		}
		kept = append(kept, key, resources.Content[i+1])
	}
	resources.Content = kept
	text, err := encoded(root)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	return parseTemplate(text)
}

// renaming replaces the logical names of tables and the prefix of their names.
type renaming struct {
	names    map[string]string
	tables   map[string]bool // what the tables hold, and "" for the prefix alone
	from, to string          // prefixes of table names
}

var substituted = regexp.MustCompile(`\$\{(\w+)[.}]`)

// copy returns a copy of a template's node in which references are renamed.
func (r renaming) copy(n *yaml.Node) *yaml.Node {
	out := *n
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		out.Content[i] = r.copy(c)
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		out.Value = r.reference(n.Tag, n.Value)
	case n.Kind == yaml.SequenceNode && n.Tag == "!Sub": // the text, and the values of its own variables
		out.Content[0].Value = r.reference(n.Tag, n.Content[0].Value)
	}
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "DependsOn" {
				r.dependencies(out.Content[i+1])
			}
		}
	}
	return &out
}

func (r renaming) dependencies(n *yaml.Node) {
	for _, d := range append([]*yaml.Node{n}, n.Content...) {
		if renamed := r.names[d.Value]; renamed != "" {
			d.Value = renamed
		}
	}
}

// reference renames what a short form of an intrinsic function refers to.
func (r renaming) reference(tag, v string) string {
	switch tag {
	case "!Ref":
		if renamed := r.names[v]; renamed != "" {
			return renamed
		}
	case "!GetAtt":
		if name, attribute, ok := strings.Cut(v, "."); ok && r.names[name] != "" {
			return r.names[name] + "." + attribute
		}
	case "!Sub":
		if rest, ok := strings.CutPrefix(v, r.from); ok && r.tables[rest] {
			return r.to + rest
		}
		return substituted.ReplaceAllStringFunc(v, func(ref string) string {
			name := strings.TrimRight(ref[2:], ".}")
			if renamed := r.names[name]; renamed != "" {
				return "${" + renamed + ref[len(ref)-1:]
			}
			return ref
		})
	}
	return v
}

// features are the settings of a table that AWS does not restore.
type features struct{ stream, expiry, recovery, protected, fresh bool }

// featuresOf reads them from a table's definition. Metadata.Canteen.Restore: no marks a table that begins empty after a restore.
func featuresOf(n *yaml.Node) features {
	yes := func(keys ...string) bool { return value(at(n, keys...)) == "true" }
	return features{
		stream:    at(n, "Properties", "StreamSpecification") != nil,
		expiry:    yes("Properties", "TimeToLiveSpecification", "Enabled"),
		recovery:  yes("Properties", "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
		protected: yes("Properties", "DeletionProtectionEnabled"),
		fresh:     value(at(n, "Metadata", "Canteen", "Restore")) == "no",
	}
}

// tableSets returns the sets of tables with data that exist, each with the names of its tables.
func (c *Cloud) tableSets(ctx context.Context, stack string, t *template) (map[string][]string, error) {
	holds := map[string]bool{}
	for _, r := range t.tables(true) {
		holds[r.table] = true
	}
	sets := map[string][]string{}
	pages := dynamodb.NewListTablesPaginator(c.ddb, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain("list the tables", err)
		}
		for _, name := range page.TableNames {
			if set, table, ok := cutTable(name, stack); ok && holds[table] {
				sets[set] = append(sets[set], name)
			}
		}
	}
	return sets, nil
}

// keptSet returns the set of tables that exists, or o.Tables if there are several.
func (c *Cloud) keptSet(ctx context.Context, o Options, t *template) (string, error) {
	sets, err := c.tableSets(ctx, o.Name, t)
	if err != nil {
		return "", err
	}
	var prefixes []string
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		prefix := tablePrefix(o.Name, set)
		if prefix == o.Tables || o.Tables == "" && len(sets) == 1 {
			return set, nil
		}
		prefixes = append(prefixes, prefix)
	}
	if o.Tables == "" && len(sets) == 0 {
		return "", nil
	}
	return "", fmt.Errorf("the tables of %s begin with %s: choose those to use with --tables", o.Name, strings.Join(prefixes, " or "))
}

// retained returns the tables with data that another template does not have.
func (t *template) retained(next *template) []string {
	var out []string
	for _, r := range t.tables(true) {
		if !slices.ContainsFunc(next.resources, func(n resource) bool { return n.name == r.name }) {
			out = append(out, r.name)
		}
	}
	return out
}

// restorable returns the tables in use that backups hold and restores bring back.
func (t *template) restorable() []resource {
	return slices.DeleteFunc(t.tables(true), func(r resource) bool { return r.set != t.set() || r.features.fresh })
}

// unused returns the tables of other sets than the one in use.
func (t *template) unused() []string {
	var out []string
	for _, r := range t.tables(true) {
		if r.set != t.set() {
			out = append(out, r.name)
		}
	}
	return out
}

// others returns the tables of all sets but one.
func others(sets map[string][]string, used string) []string {
	var out []string
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		if set != used {
			out = append(out, sets[set]...)
		}
	}
	return out
}

// TablePrefix returns what the names of a stack's tables begin with, whether or not there is a stack.
func (c *Cloud) TablePrefix(ctx context.Context, stack string) (string, error) {
	st, err := c.describeStack(ctx, stack)
	if err != nil || st == nil {
		return tablePrefix(stack, ""), err
	}
	return orDefault(st.outputs["TablePrefix"], tablePrefix(stack, "")), nil
}

// describeTable returns nil if there is no such table.
func (c *Cloud) describeTable(ctx context.Context, name string) (*types.TableDescription, error) {
	out, err := c.ddb.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if hasCode(err, "ResourceNotFoundException") {
		return nil, nil
	}
	if err != nil {
		return nil, explain("look for the table "+name, err)
	}
	return out.Table, nil
}
