package template

import (
	"fmt"
	"strings"
	"testing"
)

// TestMailIsAChoice: without an address that e-mails come from there is nothing of mail in the stack. With one, only the jobs may send,
// and only from it.
func TestMailIsAChoice(t *testing.T) {
	d := load(t)
	for name, role := range of(d, "AWS::IAM::Role") {
		for _, p := range listed(role.Properties["Policies"]) {
			sends := strings.Contains(text(p), "ses:")
			if sends != (object(p)["Fn::If"] != nil) || sends && (name != "JobsRole" || listed(object(p)["Fn::If"])[0] != "HasMail") {
				t.Errorf("%s: %s", name, text(p))
			}
			if !sends {
				continue
			}
			for _, s := range listed(object(object(listed(object(p)["Fn::If"])[1])["PolicyDocument"])["Statement"]) {
				writes := strings.Contains(text(object(s)["Action"]), "PutItem")
				keys := `{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["digest#*","digest-due"]}}`
				if writes && text(object(s)["Condition"]) != keys {
					t.Errorf("the jobs may write more than digests: %s", text(s))
				}
				if !strings.Contains(text(s), "ses:") {
					continue
				}
				want := `{"StringEquals":{"ses:FromAddress":{"Ref":"MailFrom"}}}`
				if object(s)["Action"] != "ses:SendEmail" || text(object(s)["Condition"]) != want || strings.Contains(text(s), "*") {
					t.Errorf("the jobs may send %s", text(s))
				}
			}
		}
	}
	for name, r := range d.Resources {
		if strings.Contains(name, "Mail") && r.Condition != "HasMail" {
			t.Errorf("%s is in every stack", name)
		}
	}
	for name, f := range of(d, "AWS::Lambda::Function") {
		from := fmt.Sprint(object(object(object(f.Properties["Environment"])["Variables"])["CANTEEN_MAIL_FROM"])["Ref"])
		if knows := name == "Rest" || name == "Jobs"; (from == "MailFrom") != knows {
			t.Errorf("%s knows the address: %s", name, from)
		}
	}
}
