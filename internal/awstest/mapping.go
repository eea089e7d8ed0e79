package awstest

import (
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/canteen-chat/canteen/aws/template"
)

// Mapping gives the starting position and the parallelization factor of the template's event source mapping.
func Mapping(t testing.TB) (start string, factor int) {
	t.Helper()
	b, err := template.Template()
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources struct {
			Commits struct {
				Properties struct {
					StartingPosition      string `yaml:"StartingPosition"`
					ParallelizationFactor int    `yaml:"ParallelizationFactor"`
				} `yaml:"Properties"`
			} `yaml:"Commits"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(b, &template); err != nil {
		t.Fatal(err)
	}
	m := template.Resources.Commits.Properties
	return m.StartingPosition, m.ParallelizationFactor
}
