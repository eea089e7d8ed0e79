package stack

import (
	"fmt"
	"strings"
	"testing"

	assembly "github.com/canteen-chat/canteen/aws/template"
)

// TestSpelled: the functions compare the Origin of browsers with the domain and the URL that the stack gets.
func TestSpelled(t *testing.T) {
	o, err := Options{Domain: new("Chat.Example.com"), PublicURL: new("HTTP://LocalHost:80/")}.spelled()
	if err != nil || *o.Domain != "chat.example.com" || *o.PublicURL != "http://localhost" {
		t.Errorf("%q %q %v", *o.Domain, *o.PublicURL, err)
	}
}

// TestRegionsOfAccessLogs: CloudFront delivers access logs to no region that an account must enable.
func TestRegionsOfAccessLogs(t *testing.T) {
	for region, want := range map[string]bool{"eu-central-1": true, "us-east-1": true, "eu-south-1": false, "me-central-1": false} {
		if takesAccessLogs(region) != want {
			t.Errorf("%s: %v", region, !want)
		}
	}
	err := Options{Name: "canteen", AccessLogs: new("maybe")}.Validate()
	if err == nil || !strings.Contains(err.Error(), "--access-logs") {
		t.Errorf("--access-logs maybe: %v", err)
	}
}

// TestVitals: browsers report, or they do not.
func TestVitals(t *testing.T) {
	for value, want := range map[string]bool{"on": true, "off": true, "": false, "yes": false} {
		err := Options{Name: "canteen", Vitals: &value}.Validate()
		if named := err != nil && strings.Contains(err.Error(), "--vitals"); named == want {
			t.Errorf("--vitals %q: %v", value, err)
		}
	}
}

// TestLogDays: the command accepts the retentions that the template allows, and says so before it asks AWS.
func TestLogDays(t *testing.T) {
	body, err := assembly.Template()
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := parseTemplate(body)
	if err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, n := range items(at(tmpl.root, "Parameters", "LogRetentionDays", "AllowedValues")) {
		allowed = append(allowed, value(n))
	}
	if got := strings.Trim(fmt.Sprint(logDays()), "[]"); got != strings.Join(allowed, " ") {
		t.Errorf("the command accepts %s, the template %v", got, allowed)
	}
}
