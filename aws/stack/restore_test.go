package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsdb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/settings"
)

// TestRestore: somebody destroys everything. The workspace comes back as it was a second before, in the same stack, and the former tables
// stay. The same command is interrupted at each step and run again.
func TestRestore(t *testing.T) {
	w, store, m := newPast(t, "undone", "before")
	second := m.keep()
	w.post(store, "after")
	cfg := w.cloud().Config
	if err := local.Empty(t.Context(), cfg, "undone-"); err != nil {
		t.Fatal(err)
	}
	w.o.Moment = second.Format(time.RFC3339)
	w.o.Check = func(ctx context.Context, _ *Cloud, tables string) error {
		s := w.store(tables)
		if err := s.CheckRestored(ctx); err != nil {
			return err
		}
		return s.SetEpoch(ctx, "another")
	}
	for _, at := range []string{
		"Waiting", "AWS restores", "restored ", "Read the restored", "Import the restored", "imported ", "Use the restored", "changed ",
	} {
		ctx, stop := context.WithCancel(t.Context())
		w.log.reset()
		w.log.when(at, stop)
		err := Restore(ctx, w.o)
		stop()
		if !errors.Is(err, errInterrupted) && err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted at %q: %v\n%s", at, err, w.log)
		}
		if prefix := w.state().outputs["TablePrefix"]; prefix == "undone-" != (at != "changed ") && at != "Use the restored" {
			t.Errorf("interrupted at %q the stack uses the tables %s", at, prefix)
		}
	}
	set := "r" + second.Format(stamp)
	w.must(Restore, "undone is as it was at "+w.o.Moment, "URL: "+*w.o.PublicURL, "Everybody signs in again")
	if got := w.state().parameters["Shift"]; got != atOnce { // a canary would write into the former tables meanwhile
		t.Errorf("requests were shifted %s", got)
	}
	st := w.state()
	if st.outputs["TablePrefix"] != "undone."+set+"." {
		t.Fatalf("the stack uses %s", st.outputs["TablePrefix"])
	}
	back := w.store(st.outputs["TablePrefix"])
	if got := w.texts(back); !slices.Equal(got, []string{"before"}) {
		t.Errorf("the room holds %q", got)
	}
	if ws, err := back.Workspace(t.Context()); err != nil || ws.Epoch != "another" {
		t.Errorf("the workspace is %+v (%v)", ws, err)
	}
	w.settings(set)
	w.post(back, "goes on")

	w.o.Setup = nil
	w.must(Deploy) // a later deployment keeps the restored tables
	w.has(w.log.String(), "The stack is as it should be")
	w.must(Status, "undone."+set+".…, made by a restore")
	w.o.Former = true
	w.must(Destroy, "Deleted 10 tables")
	w.must(Destroy, "no tables but those in use")
	w.o.Former = false
	w.must(Destroy, "its data was kept: the tables undone."+set+".idempotency")
	w.must(Deploy)
	if got := w.state().outputs["TablePrefix"]; got != "undone."+set+"." {
		t.Errorf("deployed again the stack uses %s", got)
	}
	w.o.Data = true
	w.must(Destroy, "undone is gone, data included")
}

// settings fails unless the restored tables have what AWS does not restore, and the functions use them.
func (w *world) settings(set string) {
	w.t.Helper()
	c := w.cloud()
	t, err := parseTemplate(w.o.Template)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range t.tables(true) {
		name := "undone." + set + "." + r.table
		d, err := c.describeTable(w.t.Context(), name)
		if err != nil || d == nil {
			w.t.Fatalf("%s: %v", name, err)
		}
		ttl, err := c.ddb.DescribeTimeToLive(w.t.Context(), &awsdb.DescribeTimeToLiveInput{TableName: &name})
		if err != nil {
			w.t.Fatal(err)
		}
		_, _, unrecoverable := c.window(w.t.Context(), name)
		got := features{
			stream:    d.StreamSpecification != nil && sdk.ToBool(d.StreamSpecification.StreamEnabled),
			protected: sdk.ToBool(d.DeletionProtectionEnabled),
			expiry:    ttl.TimeToLiveDescription.TimeToLiveStatus == types.TimeToLiveStatusEnabled, recovery: unrecoverable == nil,
			fresh: r.features.fresh,
		}
		if r.features.fresh { // made by CloudFormation, and the emulator's enables no expiry
			got.expiry = r.features.expiry
		}
		if got != r.features {
			w.t.Errorf("%s has %+v, want %+v", name, got, r.features)
		}
		former, err := c.describeTable(w.t.Context(), "undone-"+r.table)
		if err != nil || former == nil {
			w.t.Errorf("the former table %s: %v", r.table, err)
		}
	}
}

// TestRestoreFurtherBack: after a restore, what the former tables held can be restored too. AWS restores the new ones only from when they
// were made.
func TestRestoreFurtherBack(t *testing.T) {
	w, store, m := newPast(t, "further", "one")
	first := m.keep()
	w.post(store, "two")
	second := m.keep()
	w.o.Moment = first.Format(time.RFC3339)
	w.must(Restore)
	between := w.state().outputs["TablePrefix"]
	w.post(w.store(between), "three")
	third := m.keep()
	w.o.Moment = second.Format(time.RFC3339)
	w.must(Restore)
	if got := w.texts(w.store(w.state().outputs["TablePrefix"])); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("the room holds %q", got)
	}
	w.o.Moment = third.Format(time.RFC3339) // the first tables could be restored to it as well
	w.refuses(Restore, "choose it with --tables", between)
	w.o.Tables = between
	w.must(Restore)
	if got := w.texts(w.store(w.state().outputs["TablePrefix"])); !slices.Equal(got, []string{"one", "three"}) {
		t.Errorf("the room holds %q", got)
	}
	w.o.Tables = ""
	w.o.Moment = m.begins.Add(-time.Hour).Format(time.RFC3339)
	w.refuses(Restore, "AWS can restore further to "+m.begins.Format(time.RFC3339)+" at the earliest")
	w.must(Destroy, "its data was kept")
	w.refuses(Deploy, "begin with further- or further.r", "--tables")
	w.o.Tables = "further-"
	w.must(Deploy)
	if got := w.state().outputs["TablePrefix"]; got != "further-" {
		t.Errorf("the stack uses %s", got)
	}
}

// TestBackup: a backup on demand is listed and restored.
func TestBackup(t *testing.T) {
	w, store, m := newPast(t, "spare", "saved")
	ctx, stop := context.WithCancel(t.Context())
	w.log.when("backup of ", stop)
	if err := Backup(ctx, w.o); !errors.Is(err, errInterrupted) || !strings.Contains(err.Error(), "is not whole") {
		t.Errorf("interrupted: %v", err)
	}
	w.must(Backups, ", not usable: 1 of 8 tables")
	time.Sleep(time.Second) // names have seconds
	out := w.must(Backup, "is made")
	name := strings.Fields(out)[2]
	w.post(store, "not saved")
	w.must(Backups, "any second from", "backup "+name+", ")
	m.off = true
	w.must(Backups, "no second, since point-in-time recovery is off", "backup "+name+", ")
	w.o.Backup = "20200101T000000Z"
	w.refuses(Restore, "no whole backup called 20200101T000000Z")
	w.o.Backup = name
	foreign, ddb := sdk.String("spare.b"+name+".rooms"), w.cloud().ddb
	_, err := ddb.CreateTable(t.Context(), &awsdb.CreateTableInput{
		TableName: foreign, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: sdk.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: sdk.String("pk"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.refuses(Restore, "there is a table "+*foreign+" already, which does not hold what was restored")
	if _, err := ddb.DeleteTable(t.Context(), &awsdb.DeleteTableInput{TableName: foreign}); err != nil {
		t.Fatal(err)
	}
	w.o.Check = func(context.Context, *Cloud, string) error { return errors.New("room r: only part of a commit") }
	w.refuses(Restore, "room r: only part of a commit", "The stack is unchanged")
	w.o.Check = nil
	w.must(Restore, "in the backup "+name)
	if got := w.texts(w.store(w.state().outputs["TablePrefix"])); !slices.Equal(got, []string{"saved"}) {
		t.Errorf("the room holds %q", got)
	}
}

// TestRestoreRefused: each mistake has its sentence, and changes nothing.
func TestRestoreRefused(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	for _, c := range []struct{ moment, backup, says string }{
		{"", "", "either --to TIME or --backup NAME"},
		{"2026-03-02T09:00:00Z", "20260302T093000Z", "either --to TIME or --backup NAME"},
		{"yesterday", "", "a time with its zone is needed, such as 2026-03-02T09:30:00Z"},
		{"2026-03-02T09:00:00.5Z", "", "a time with its zone"},
		{"2026-03-02T09:30:01Z", "", "in the future"},
		{"2026-01-01T00:00:00Z", "", "the last 35 days"},
		{"", "last", "the name of a backup is needed"},
	} {
		if _, err := (Options{Moment: c.moment, Backup: c.backup}).source(now); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("--to %q --backup %q: %v", c.moment, c.backup, err)
		}
	}
	from, err := Options{Moment: "2026-03-02T10:29:59+01:00"}.source(now)
	if err != nil || from.set() != "r20260302T092959Z" {
		t.Errorf("%+v, %v", from, err)
	}
}

func (w *world) store(prefix string) *dynamodb.Store {
	return dynamodb.Open(dynamodb.Options{
		Client: table.Client(w.cloud().Config), Prefix: prefix, Log: slog.New(slog.DiscardHandler), Patience: time.Minute,
	})
}

// newPast deploys a workspace with one message, whose tables can be restored.
func newPast(t *testing.T, name, text string) (*world, *dynamodb.Store, *timeMachine) {
	t.Helper()
	w := newWorld(t, name)
	w.must(Deploy)
	store := w.store(name + "-")
	w.settle(store, text)
	return w, store, w.timeMachine()
}

// settle sets up a workspace with one message.
func (w *world) settle(s *dynamodb.Store, text string) {
	w.t.Helper()
	_, err := s.Setup(w.t.Context(), chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "one", DefaultRooms: []string{"r"}}, RoomID: "r", At: time.Now(),
		Owner: chat.NewUser{
			User: chat.User{ID: "miramiramira", Handle: "mira", Name: "Mira", Role: chat.Owner, Email: "mira@example.com",
				Settings: settings.Default(), Epoch: 1},
			EmailFold: "mira@example.com", PasswordHash: "hash",
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.post(s, text)
}

func (w *world) post(s *dynamodb.Store, text string) {
	w.t.Helper()
	cmd := chat.PostMessage{Room: "r", Author: "miramiramira", ClientID: text, Text: text, At: time.Now()}
	if _, _, err := s.PostMessage(w.t.Context(), cmd); err != nil {
		w.t.Fatal(err)
	}
}

// texts returns what the messages say.
func (w *world) texts(s *dynamodb.Store) []string {
	w.t.Helper()
	var out []string
	if err := s.Export(w.t.Context(), time.Now(), func(r archive.Record) error {
		if m, ok := r.(archive.MessageRecord); ok {
			out = append(out, m.Text)
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// timeMachine adds to the emulator what it lacks of DynamoDB's backups, as AWS describes them: a window that ends before now, tables that
// are being restored for a while and say from what, and continuous backups that a new table does not have at once. What a moment held is
// a backup that the test takes.
type timeMachine struct {
	w       *world
	direct  *awsdb.Client // to the emulator
	begins  time.Time
	moments []moment
	summary map[string]map[string]any // of restored tables
	busy    map[string]int            // how often a table is still described as being made
	since   map[string]time.Time      // when the recovery of a restored table began
	refused map[string]bool
	table   string // of the latest request
	looks   int    // at the window
	off     bool   // somebody switched the recovery off
}

type moment struct {
	at      time.Time
	backups map[string]string // ARN by table
}

func (w *world) timeMachine() *timeMachine {
	m := &timeMachine{
		w: w, begins: time.Now().UTC().Truncate(time.Second), summary: map[string]map[string]any{}, busy: map[string]int{},
		since: map[string]time.Time{}, refused: map[string]bool{},
	}
	m.direct = awsdb.NewFromConfig(w.cloud().Config, func(o *awsdb.Options) { o.BaseEndpoint = &emulated.endpoint })
	w.faults.inject(m.answer, m.change)
	return m
}

// keep returns a second that can be restored. It lasts until the next one.
func (m *timeMachine) keep() time.Time {
	m.w.t.Helper()
	ctx := m.w.t.Context()
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
	k := moment{time.Now().UTC().Truncate(time.Second), map[string]string{}}
	t, err := parseTemplate(m.w.o.Template)
	if err != nil {
		m.w.t.Fatal(err)
	}
	sets, err := m.w.cloud().tableSets(ctx, m.w.o.Name, t)
	if err != nil {
		m.w.t.Fatal(err)
	}
	for _, name := range slices.Concat(slices.Collect(maps.Values(sets))...) {
		b, err := m.direct.CreateBackup(ctx, &awsdb.CreateBackupInput{TableName: &name, BackupName: sdk.String("moment")})
		if err != nil {
			m.w.t.Fatal(err)
		}
		k.backups[name] = *b.BackupDetails.BackupArn
	}
	m.moments = append(m.moments, k)
	time.Sleep(time.Until(k.at.Add(time.Second)))
	return k.at
}

func (m *timeMachine) answer(action string, r *http.Request) *faultResponse {
	m.w.faults.mu.Lock()
	defer m.w.faults.mu.Unlock()
	var in struct {
		TableName, SourceTableName, TargetTableName, BackupArn string
		RestoreDateTime                                        float64
		BillingModeOverride                                    string
	}
	if r.Header.Get("X-Amz-Target") == "" || json.NewDecoder(r.Body).Decode(&in) != nil {
		return nil
	}
	m.table = in.TableName
	const db = "com.amazonaws.dynamodb.v20120810#"
	switch action {
	case "RestoreTableToPointInTime":
		at := time.Unix(int64(in.RestoreDateTime), 0).UTC()
		if at.Before(m.earliest(in.SourceTableName)) || at.After(time.Now()) {
			return &faultResponse{400, db + "InvalidRestoreTimeException", "Invalid restore time"}
		}
		arn := ""
		for _, k := range m.moments {
			if !k.at.After(at) && k.backups[in.SourceTableName] != "" {
				arn = k.backups[in.SourceTableName]
			}
		}
		return m.restore(arn, in.TargetTableName, map[string]any{
			"SourceTableArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/" + in.SourceTableName, "RestoreDateTime": in.RestoreDateTime,
		})
	case "RestoreTableFromBackup":
		return m.restore(in.BackupArn, in.TargetTableName, map[string]any{"SourceBackupArn": in.BackupArn, "RestoreDateTime": 1.0})
	case "UpdateTable":
		if m.busy[in.TableName] > 0 {
			return &faultResponse{400, db + "ResourceInUseException", "Table is being created"}
		}
	case "UpdateContinuousBackups":
		if m.summary[in.TableName] != nil && !m.refused[in.TableName] {
			m.refused[in.TableName] = true
			return &faultResponse{400, db + "ContinuousBackupsUnavailableException", "Backups are being enabled for the table"}
		}
		if m.summary[in.TableName] != nil {
			m.since[in.TableName] = time.Now().UTC()
		}
	}
	return nil
}

func (m *timeMachine) earliest(table string) time.Time {
	if since, ok := m.since[table]; ok {
		return since
	}
	return m.begins
}

func (m *timeMachine) restore(arn, target string, summary map[string]any) *faultResponse {
	_, err := m.direct.RestoreTableFromBackup(context.WithoutCancel(m.w.t.Context()),
		&awsdb.RestoreTableFromBackupInput{BackupArn: &arn, TargetTableName: &target})
	const db = "com.amazonaws.dynamodb.v20120810#"
	exists := hasCode(err, "TableAlreadyExistsException")
	switch {
	case exists && m.summary[target] != nil:
		return &faultResponse{400, db + "TableAlreadyExistsException", err.Error()}
	case err != nil && !exists: // if it exists, this request has made it: the SDK sent it again
		return &faultResponse{400, db + "TableNotFoundException", err.Error()}
	}
	m.summary[target], m.busy[target] = summary, 2
	return &faultResponse{status: 200}
}

func (m *timeMachine) change(action, body string) string {
	m.w.faults.mu.Lock()
	defer m.w.faults.mu.Unlock()
	var out map[string]map[string]any
	if action != "DescribeTable" && action != "DescribeContinuousBackups" || json.Unmarshal([]byte(body), &out) != nil {
		return body
	}
	summary := m.summary[m.table]
	switch {
	case action == "DescribeContinuousBackups":
		m.looks++
		latest := time.Now()
		if m.looks < 4 {
			latest = m.begins.Add(-time.Second)
		}
		if d := out["ContinuousBackupsDescription"]; d != nil && !m.off && (summary == nil || m.since[m.table] != time.Time{}) {
			d["PointInTimeRecoveryDescription"] = map[string]any{ // the emulator does not enable what the template says
				"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 35,
				"EarliestRestorableDateTime": m.earliest(m.table).Unix(), "LatestRestorableDateTime": latest.Unix(),
			}
		}
	case summary == nil || out["Table"] == nil:
		return body
	default:
		m.busy[m.table]--
		summary["RestoreInProgress"] = m.busy[m.table] > 0
		out["Table"]["RestoreSummary"] = summary
		if m.busy[m.table] > 0 {
			out["Table"]["TableStatus"] = "CREATING"
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return string(b)
}

// TestOfAnotherMoment: a table of the right name that holds something else is not used.
func TestOfAnotherMoment(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	p := restored{to: "chat.r1.rooms"}
	for name, c := range map[string]struct {
		d  *types.RestoreSummary
		ok bool
	}{
		"not restored":   {nil, false},
		"the moment":     {&types.RestoreSummary{RestoreDateTime: &now}, true},
		"another moment": {&types.RestoreSummary{RestoreDateTime: sdk.Time(now.Add(time.Second))}, false},
	} {
		if err := p.check(&types.TableDescription{RestoreSummary: c.d}, source{moment: now}); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !slices.Equal(others(map[string][]string{"": {"a"}, "r1": {"b"}}, "r1"), []string{"a"}) {
		t.Error("the tables in use are among the others")
	}
}
