package awstest

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/canteen-chat/canteen/aws/template"
)

// policy is a policy of a role. One that only some stacks have counts as one.
type policy struct {
	PolicyName     string `yaml:"PolicyName"`
	PolicyDocument struct {
		Statement []struct {
			Action   yaml.Node `yaml:"Action"`
			Resource yaml.Node `yaml:"Resource"`
		} `yaml:"Statement"`
	} `yaml:"PolicyDocument"`
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (p *policy) UnmarshalYAML(n *yaml.Node) error {
	if n.Tag == "!If" {
		n = n.Content[1] // after the condition
	}
	type plain policy
	return n.Decode((*plain)(p))
}

// Rights gives a function that says whether a role of the template may perform an action on a table.
func Rights(t testing.TB) func(role, action, table string) bool {
	t.Helper()
	b, err := template.Template()
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				TableName string   `yaml:"TableName"`
				Policies  []policy `yaml:"Policies"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(b, &template); err != nil {
		t.Fatal(err)
	}
	words := func(n yaml.Node) []string {
		if n.Kind == yaml.ScalarNode {
			return []string{n.Value}
		}
		var out []string
		for _, c := range n.Content {
			out = append(out, c.Value)
		}
		return out
	}
	has := map[string]bool{}
	for _, r := range template.Resources {
		for _, p := range r.Properties.Policies {
			for _, s := range p.PolicyDocument.Statement {
				for _, action := range words(s.Action) {
					for _, on := range words(s.Resource) {
						name, index, _ := strings.Cut(strings.NewReplacer("${", "", "}", "").Replace(on), ".Arn")
						table := strings.TrimPrefix(template.Resources[name].Properties.TableName, "${AWS::StackName}-")
						has[p.PolicyName+" "+action+" "+table+index] = true
					}
				}
			}
		}
	}
	if len(has) < 60 || !has["rest dynamodb:PutItem rooms"] || !has["socket dynamodb:Query connections/index/by_open"] ||
		has["jobs dynamodb:GetItem rooms"] {
		t.Fatalf("%d rights were found, which cannot be all: the template has another form", len(has))
	}
	return func(role, action, table string) bool { return has[role+" "+action+" "+table] }
}
