package text

import (
	"fmt"
	"net/url"
	"strings"
)

// CallURLLength is the maximum length of a template of links to calls, in bytes.
const CallURLLength = 300

// callRoom is what a room's own part of a link stands for in the template of calls.
const callRoom = "{room}"

// CallTemplate says what is wrong with a template of links to calls; "" when nothing is, and for none. What stands for the room may not be
// the host: that is the workspace's choice.
func CallTemplate(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > CallURLLength {
		return fmt.Sprintf("At most %d characters are allowed.", CallURLLength)
	}
	u, err := url.Parse(strings.Replace(s, callRoom, "room", 1))
	rest, secure := strings.CutPrefix(s, "https://")
	host, _, _ := strings.Cut(rest, "/")
	if err != nil || !secure || u.Host == "" || u.User != nil || strings.Count(s, callRoom) != 1 || strings.Contains(host, callRoom) ||
		strings.ContainsAny(s, " \t\r\n\"<>\\") {
		return "An https address with {room} behind its host is needed, such as https://meet.jit.si/{room}."
	}
	return ""
}
