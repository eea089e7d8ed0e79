package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/rest"
)

// TestOpsOnAWS: administrators are told what runs and where CloudWatch shows the rest. The dashboard has the name that the template gives.
func TestOpsOnAWS(t *testing.T) {
	env := environment("rest")
	c, err := read(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	state, err := operations{c}.State(t.Context())
	if err != nil || state.Home != "aws" || state.Version.Server == "" || len(state.Links) != 2 {
		t.Fatalf("%+v (%v)", state, err)
	}
	const console = "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#"
	for i, want := range []string{"dashboards:name=canteen_eu-central-1", "alarmsV2:?search=canteen."} {
		if got := state.Links[i].URL; got != console+want {
			t.Errorf("%s, want %s", got, console+want)
		}
	}
	template, err := os.ReadFile("../../aws/template/template.yaml")
	if err != nil || !strings.Contains(string(template), "DashboardName: !Sub ${AWS::StackName}_${AWS::Region}") {
		t.Errorf("the dashboard has another name (%v)", err)
	}
	if b, err := json.Marshal(state); err != nil || strings.Contains(string(b), "null") || strings.Contains(string(b), "healthy") {
		t.Errorf("%s (%v)", b, err)
	}
	if _, err := (operations{c}).Series(t.Context(), rest.SeriesQuery{}); err == nil {
		t.Error("there are series")
	}
}
