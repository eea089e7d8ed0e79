package stack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

const (
	requestWindow = 24 * time.Hour
	alarmType     = "AWS::CloudWatch::Alarm"
)

// Status prints the state of a stack. It returns an error if the stack was never deployed completely or does not answer.
func Status(ctx context.Context, o Options) error {
	c, st, err := connectTo(ctx, o)
	if err != nil {
		return err
	}
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", what, fmt.Sprintf(format, args...))
	}
	line("stack", "%s in %s, account %s: %s since %s", o.Name, c.Region, c.Account, st.status, st.changed.Local().Format(time.DateTime))
	if st.reason != "" {
		line("", "%s", st.reason)
	}
	line("version", "%s", orDefault(st.outputs["Version"], "unknown"))
	if err := st.incomplete(); err != nil {
		return o.report(b.String(), err)
	}
	url := st.outputs["Url"]
	line("URL", "%s", url)
	if name := st.domain(); name != "" {
		line("domain", "%s must point (CNAME) at %s", name, st.outputs["DistributionDomain"])
	}
	if prefix := st.outputs["TablePrefix"]; prefix != tablePrefix(o.Name, "") {
		line("tables", "%s…, made by a restore", prefix)
	}
	line("dashboard", "%s", st.outputs["DashboardUrl"])
	ringing, alarms, err := c.alarms(ctx, st)
	if err != nil {
		return err
	}
	line("alarms", "%d of %d in alarm%s", len(ringing), alarms, joined(ringing))
	served, failed, err := c.requests(ctx, st.outputs["HttpApiId"])
	if err != nil {
		return err
	}
	line("requests", "%.0f in the last 24 hours, %.0f of them answered with 5xx", served, failed)
	found, err := o.checkPublicURL(ctx, st)
	if found.unnamed && err == nil {
		line("", "%s is not known to the DNS yet; checked at %s", st.domain(), st.outputs["DistributionDomain"])
	}
	if found.doubt != "" {
		line("sockets", "doubtful: %s. Open the page and check that a message appears in a second window", found.doubt)
	}
	switch {
	case err != nil:
		line("health", "unhealthy: %v", err)
		return o.report(b.String(), fmt.Errorf("%s does not work: %w", url, err))
	case found.due && o.Setup == nil:
		line("health", "healthy; the workspace is not set up yet (canteen aws status --setup-link prints a new link)")
	case found.due:
		line("health", "healthy; the workspace is not set up yet")
		return o.report(b.String(), o.setupLink(ctx, c, st))
	default:
		line("health", "healthy: page, API and sockets answer")
	}
	return o.report(b.String(), nil)
}

func (o Options) report(text string, err error) error {
	if e := o.print("%s", text); e != nil {
		return e
	}
	return err
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func joined(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}

// alarms returns the stack's alarms in state ALARM, and how many it has in all. It asks for them by name: a prefix would also match
// the alarms of a stack whose name begins with this one's.
func (c *Cloud) alarms(ctx context.Context, st *state) (ringing []string, all int, err error) {
	existing, err := c.resources(ctx, st)
	if err != nil {
		return nil, 0, err
	}
	var names []string
	for _, r := range existing {
		if r.kind == alarmType || r.kind == "AWS::CloudWatch::CompositeAlarm" {
			names = append(names, r.name)
		}
	}
	return c.raised(ctx, names)
}

// raised returns those of the alarms that are in state ALARM, and how many there are.
func (c *Cloud) raised(ctx context.Context, names []string) (ringing []string, all int, err error) {
	for chunk := range slices.Chunk(names, 100) { // CloudWatch's limit
		out, err := c.cw.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: chunk, MaxRecords: aws.Int32(100),
			AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
		})
		if err != nil {
			return nil, 0, explain("read the alarms", err)
		}
		note := func(name *string, actions []string, state types.StateValue) {
			if len(actions) == 0 { // a part of a composite alarm
				return
			}
			if all++; state == types.StateValueAlarm {
				ringing = append(ringing, aws.ToString(name))
			}
		}
		for _, a := range out.MetricAlarms {
			note(a.AlarmName, a.AlarmActions, a.StateValue)
		}
		for _, a := range out.CompositeAlarms {
			note(a.AlarmName, a.AlarmActions, a.StateValue)
		}
	}
	slices.Sort(ringing)
	return ringing, all, nil
}

func (c *Cloud) requests(ctx context.Context, api string) (all, failed float64, err error) {
	query := func(id, metric string) types.MetricDataQuery {
		return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Stat: aws.String("Sum"), Period: aws.Int32(int32(time.Hour.Seconds())),
			Metric: &types.Metric{
				Namespace: aws.String("AWS/ApiGateway"), MetricName: &metric,
				Dimensions: []types.Dimension{{Name: aws.String("ApiId"), Value: &api}},
			},
		}}
	}
	now := time.Now()
	out, err := c.cw.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-requestWindow)), EndTime: &now,
		MetricDataQueries: []types.MetricDataQuery{query("all", "Count"), query("failed", "5xx")},
	})
	if err != nil {
		return 0, 0, explain("read the number of requests", err)
	}
	for _, r := range out.MetricDataResults {
		for _, v := range r.Values {
			if aws.ToString(r.Id) == "all" {
				all += v
			} else {
				failed += v
			}
		}
	}
	return all, failed, nil
}
