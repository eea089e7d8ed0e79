package stack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// DryRun prints what a first deployment would create and what it costs, without asking AWS.
func DryRun(o Options) error {
	t, err := parseTemplate(o.Template)
	if err != nil {
		return err
	}
	has := map[string]bool{
		"HasEmail": has(o.AlarmEmail), "HasWebhook": has(o.AlarmWebhook), "HasBudget": o.MonthlyBudget != nil && *o.MonthlyBudget > 0,
		"HasMath": true, "": true,
	}
	kinds := map[string][]string{}
	n := 0
	for _, r := range t.resources {
		if has[r.condition] {
			kinds[r.kind] = append(kinds[r.kind], r.name)
			n++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "A first deployment of %s (Canteen %s) would make %d resources:\n", o.Name, o.Version, n)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(&b, "%3d  %-42s %s\n", len(kinds[kind]), strings.TrimPrefix(kind, "AWS::"), shorten(strings.Join(kinds[kind], ", ")))
	}
	fmt.Fprintf(&b, "and one bucket for the functions' package. No request was sent to AWS.\n")
	return o.print("%s%s", b.String(), Bill())
}

func shorten(s string) string {
	const most = 72
	if len(s) > most {
		return s[:strings.LastIndex(s[:most], ",")] + ", …"
	}
	return s
}
