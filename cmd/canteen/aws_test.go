package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/aws/template"
)

// TestAWSOffline: commands that need no AWS work offline, and the exit code tells wrong use (2) from failure (1).
func TestAWSOffline(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION",
		"AWS_ENDPOINT_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	template, err := template.Template()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"deploy --stack acme --print-template", 0, string(template)},
		{"deploy --stack acme --print-policy program", 0, `"Resource": "arn:aws:cloudformation:*:ACCOUNT:stack/acme/*"`},
		{"deploy --stack acme --print-policy boundary", 0, `log-group:/canteen/acme/*`},
		{"deploy --stack acme --print-policy everything", 2, "choose one of program, data, services, boundary"},
		{"deploy --stack acme --boundary canteen-boundary", 2, "the ARN of a managed policy is needed"},
		{"deploy --stack acme --dry-run", 0, "would make 87 resources"},
		{"deploy --stack acme --dry-run --alarm-email ada@example.com --monthly-budget 20", 0, "would make 89 resources"},
		{"deploy --stack acme --dry-run", 0, "nobody talks"},
		{"deploy", 2, "--stack"},
		{"deploy --stack 1st", 2, `--stack "1st"`},
		{"deploy --stack a --dry-run", 0, "A first deployment of a"},
		{"deploy --stack " + strings.Repeat("a", 36) + " --dry-run", 0, "A first deployment of a"},
		{"deploy --stack " + strings.Repeat("a", 61) + " --dry-run", 2, "36 at most"},
		{"deploy --stack acme.test --dry-run", 2, "letters, digits and hyphens"},
		{"deploy --stack acme --log-days 13 --dry-run", 2, "--log-days 13: CloudWatch keeps logs for 1 3 5 7 14 30"},
		{"deploy --stack acme --domain chat.example.com", 2, "--certificate"},
		{"deploy --stack acme --domain https://Chat.example.com/", 2, "write chat.example.com"},
		{"deploy --stack acme --domain chat.example.com --certificate arn:aws:acm:eu-central-1:123456789012:certificate/x", 2, "us-east-1"},
		{"deploy --stack acme --webhook http://hooks.example.com", 2, "--webhook"},
		{"deploy --stack acme --dry-run --mail-from chat@example.com", 0, "would make 88 resources"},
		{"deploy --stack acme --alarm-email ada", 2, "--alarm-email"},
		{"deploy --stack acme --mail-from chat", 2, "--mail-from"},
		{"deploy --stack acme --monthly-budget=-1", 2, "--monthly-budget"},
		{"restore --stack acme", 2, "--to TIME or --backup NAME"},
		{"restore --stack acme --to yesterday", 2, `--to "yesterday"`},
		{"restore --stack acme --to 2999-01-01T00:00:00Z", 2, "in the future"},
		{"restore --stack acme --backup 20260302T093000Z --region eu-central-1 --yes", 1, "no AWS credentials"},
		{"backup --stack acme --list --region eu-central-1", 1, "no AWS credentials"},
		{"destroy --stack acme --delete-data --former-tables", 2, "--former-tables"},
		{"status --stack acme", 1, "no region"},
		{"status --stack acme --region eu-central-1", 1, "no AWS credentials"},
		{"user password mira", 2, "--stack"},
		{"user password mira --stack acme --region eu-central-1", 1, "no AWS credentials"},
		{"destroy --stack acme --region eu-central-1 --yes", 1, "no AWS credentials"},
		{"destroy --stack acme --region eu-central-1 --profile work", 1, `no profile "work"`},
	} {
		var out, log bytes.Buffer
		code := run(context.Background(), append([]string{"aws"}, strings.Fields(c.args)...), streams{strings.NewReader(""), &out, &log})
		if code != c.code || !strings.Contains(out.String()+log.String(), c.says) {
			t.Errorf("canteen aws %s: exit %d, want %d and %.60q, got\n%.600s\n%s", c.args, code, c.code, c.says, out.String(), log.String())
		}
	}
}
