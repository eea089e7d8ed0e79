package rest

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestPagesOfBothHomes compares the security headers of package rest with those that CloudFront sends with pages.
func TestPagesOfBothHomes(t *testing.T) {
	b, err := os.ReadFile("../aws/template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template map[string]any
	if err := yaml.Unmarshal(b, &template); err != nil {
		t.Fatal(err)
	}
	policy := at(template, "Resources", "PageHeaders", "Properties", "ResponseHeadersPolicyConfig")
	is := func(keys ...string) string {
		return fmt.Sprint(at(policy, append([]string{"SecurityHeadersConfig"}, keys...)...))
	}
	cloudFront := http.Header{}
	cloudFront.Set("Content-Security-Policy", is("ContentSecurityPolicy", "ContentSecurityPolicy"))
	cloudFront.Set("Referrer-Policy", is("ReferrerPolicy", "ReferrerPolicy"))
	if is("ContentTypeOptions", "Override") == "true" {
		cloudFront.Set("X-Content-Type-Options", "nosniff")
	}
	if is("StrictTransportSecurity", "IncludeSubdomains") == "true" {
		cloudFront.Set("Strict-Transport-Security",
			"max-age="+is("StrictTransportSecurity", "AccessControlMaxAgeSec")+"; includeSubDomains")
	}
	items, ok := at(policy, "CustomHeadersConfig", "Items").([]any)
	if !ok {
		t.Fatal("the template has no headers of its own for pages")
	}
	for _, i := range items {
		cloudFront.Set(fmt.Sprint(at(i, "Header")), fmt.Sprint(at(i, "Value")))
	}
	server := http.Header{}
	setSecurityHeaders(server, true)
	for name := range server {
		if server.Get(name) != cloudFront.Get(name) {
			t.Errorf("%s:\n rest       %q\n CloudFront %q", name, server.Get(name), cloudFront.Get(name))
		}
	}
	if len(server) != len(cloudFront) || len(server) < 8 {
		t.Errorf("rest sends %d headers, CloudFront %d", len(server), len(cloudFront))
	}
}

// at returns the value under a path of keys in the template.
func at(v any, keys ...string) any {
	for _, key := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}
