package rest

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestPagesOfBothHomes compares what rest says with every answer to what CloudFront says with the pages it serves.
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
	there := http.Header{}
	there.Set("Content-Security-Policy", is("ContentSecurityPolicy", "ContentSecurityPolicy"))
	there.Set("Referrer-Policy", is("ReferrerPolicy", "ReferrerPolicy"))
	if is("ContentTypeOptions", "Override") == "true" {
		there.Set("X-Content-Type-Options", "nosniff")
	}
	if is("StrictTransportSecurity", "IncludeSubdomains") == "true" {
		there.Set("Strict-Transport-Security", "max-age="+is("StrictTransportSecurity", "AccessControlMaxAgeSec")+"; includeSubDomains")
	}
	items, ok := at(policy, "CustomHeadersConfig", "Items").([]any)
	if !ok {
		t.Fatal("the template has no headers of its own for pages")
	}
	for _, i := range items {
		there.Set(fmt.Sprint(at(i, "Header")), fmt.Sprint(at(i, "Value")))
	}
	here := http.Header{}
	secure(here, true)
	for name := range here {
		if here.Get(name) != there.Get(name) {
			t.Errorf("%s:\n rest       %q\n CloudFront %q", name, here.Get(name), there.Get(name))
		}
	}
	if len(here) != len(there) || len(here) < 8 {
		t.Errorf("rest says %d headers, CloudFront %d", len(here), len(there))
	}
}

// at follows keys through the template.
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
