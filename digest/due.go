package digest

import (
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/settings"
)

const (
	hour     = 8 // of the clock where somebody is: when a daily digest is due
	later    = 10 * time.Minute
	quietFor = time.Hour // a person's quiet time is looked at again after this time at the latest

	firstRetry = 5 * time.Minute // doubled with each failure in a row
	lastRetry  = 4 * time.Hour
	refusedFor = 7 * 24 * time.Hour
)

// zoneOf is the user's time zone.
func zoneOf(u chat.User) *time.Location {
	zone, err := time.LoadLocation(u.TimeZone)
	if err != nil { // the zone is in a newer list of time zones than this machine's
		return time.UTC
	}
	return zone
}

// next is when the digest after the one at last is due: an hour later, or the next time that the user's clock shows 8:00. A daily one that
// was late, or whose user has moved to another time zone, is also an hour at least before the next.
func next(u chat.User, last time.Time) time.Time {
	if u.Settings.Attention.Digest == settings.DigestHourly {
		return last.Add(time.Hour)
	}
	zone := zoneOf(u)
	y, m, d := last.In(zone).Date()
	at := time.Date(y, m, d, hour, 0, 0, 0, zone)
	if at.Before(last.Add(time.Hour)) {
		at = time.Date(y, m, d+1, hour, 0, 0, 0, zone)
	}
	return at.UTC()
}

// Verdict is what to do about a digest that is looked at.
type Verdict int

// Verdicts.
const (
	Send  Verdict = iota // if anything waits
	Later                // not before the time
	Begin                // it was turned on: what is there already is not mailed
	End                  // it was turned off
)

// Judge says what to do about the digest of u, and for Later when to look again. active says whether the user is using Canteen.
func Judge(u chat.User, d chat.DigestState, now time.Time, active bool) (Verdict, time.Time) {
	quiet := u.Settings.Attention.Quiet
	switch due := next(u, d.Last); {
	case !u.WantsDigest():
		return End, time.Time{}
	case d.Last.IsZero():
		return Begin, time.Time{}
	case due.After(now):
		return Later, due
	case quiet.On(now, zoneOf(u)):
		again := now.Add(later)
		if until := quiet.Until; until != nil && until.After(again) {
			again = earlier(*until, now.Add(quietFor))
		}
		return Later, again
	case active:
		return Later, now.Add(later)
	}
	return Send, time.Time{}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// retry is how long to wait after so many failures in a row.
func retry(tries int) time.Duration {
	if tries > 10 {
		return lastRetry
	}
	return min(firstRetry<<max(tries-1, 0), lastRetry)
}
