package rest_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/picture"
	"github.com/canteen-chat/canteen/poll"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/section"
	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/text"
	"github.com/canteen-chat/canteen/thread"
	"github.com/canteen-chat/canteen/vital"
	"github.com/canteen-chat/canteen/wire"
)

// statedLimits maps the limits of properties in the API description to their constants. Struct tags cannot use constants, so this test
// compares them. *.x means every property x.
func statedLimits() map[string]any {
	return map[string]any{
		"*.title maxLength": chat.TitleLength, "*.topic maxLength": chat.TopicLength, "Status.text maxLength": chat.StatusLength,
		"Room.name maxLength": chat.RoomNameLength, "MyRoom.name maxLength": chat.RoomNameLength, "q maxLength": chat.RoomNameLength,
		"Workspace.name maxLength": chat.NameLength, "MyWorkspace.name maxLength": chat.NameLength,
		"Setup.workspace maxLength": chat.NameLength,
		"Token.name maxLength":      chat.TokenNameLength, "NewTokenBody.name maxLength": chat.TokenNameLength,
		"GivenFeedback.text maxLength": chat.MessageLength, "FeedbackAnswer.text maxLength": chat.MessageLength,
		"FeedbackList.feedback maxItems": chat.MaxFeedback, "feedback?limit maximum": chat.MaxFeedback, "feedback?cursor maxLength": 200,
		"AuditLog.rows maxItems": chat.MaxPage, "audit?limit maximum": chat.MaxPage,
		"audit?cursor maxLength": 200, "export?cursor maxLength": 200, // longer than any
		"audit?what maxLength": chat.AuditWhatLength, "export?what maxLength": chat.AuditWhatLength,
		"Feedback.page maxLength": text.PageLength, "Feedback.version maxLength": text.PageLength,
		"Feedback.server maxLength":     text.PageLength,
		"MyWorkspace.version maxLength": text.PageLength, "UpdateWorkspace.feedback_room maxLength": len(chat.NewID()),
		"NewFeedback.page maxLength": 2000, "NewFeedback.version maxLength": 2000, // longer ones are dropped
		"Message.text maxLength": chat.MessageLength, "File.name maxLength": chat.FileNameLength,
		"FileDone.poster minLength": 4, "Version.text maxLength": chat.MessageLength,
		"LastMessage.text maxLength": chat.LastMessageLength, "Session.user_agent maxLength": chat.UserAgentLength,
		"Setup.token maxLength": 200, "SignUp.invite maxLength": 200, // secrets are shorter; a longer one is unknown, not invalid
		"CheckSetup.token maxLength": 200, "CheckInvite.invite maxLength": 200,
		"CheckReset.token maxLength": 200, "ResetPassword.token maxLength": 200,
		"SignIn.email maxLength": chat.EmailLength,

		"{alarm}?alarm maxLength": 40, // names are shorter; a longer one is unknown

		"Message.mentions maxItems": chat.MaxMentions, "Message.reactions maxItems": chat.MaxEmojiOnMessage,
		"Preview.title maxLength": chat.PreviewTitleLength, "Preview.description maxLength": chat.PreviewDescriptionLength,
		"Preview.url maxLength": chat.PreviewURLLength, "AskPreview.url maxLength": chat.PreviewURLLength,
		// The ids of previews are shorter; a longer one is unknown.
		"PostMessage.preview maxLength": 64, "EditMessage.preview maxLength": 64, "MadePreview.id maxLength": 64,
		// The colour of a card is a name or #rrggbb; the icon of a sender is an emoji.
		"Card.color maxLength": 16, "Sender.icon maxLength": 64,
		"Card.title maxLength": card.TitleLength, "Card.url maxLength": card.URLLength, "Card.text maxLength": card.TextLength,
		"Card.fields maxItems": card.MaxFields, "Card.footer maxLength": card.NameLength, "Card.buttons maxItems": card.MaxButtons,
		"CardField.title maxLength": card.NameLength, "CardField.value maxLength": card.FieldLength,
		"CardAuthor.name maxLength": card.NameLength, "CardAuthor.url maxLength": card.URLLength,
		"CardButton.text maxLength": card.NameLength, "CardButton.url maxLength": card.URLLength,
		"CardPicture.url maxLength": card.URLLength, "CardPicture.alt maxLength": card.TitleLength,
		"Sender.name maxLength": card.SenderName, "*.cards maxItems": card.Max,
		"*.options minItems": poll.MinOptions, "*.options maxItems": poll.MaxOptions,
		"PollOption.text maxLength": poll.TextLength, "Poll.question maxLength": chat.MessageLength,
		"*.files maxItems": chat.MaxFiles, "RoomFiles.files maxItems": chat.DefaultFiles,
		"NewFileBody.name maxLength": 1000, "NewFileBody.type maxLength": 200, // cut, or replaced by what the bytes say
		"NewParts.parts maxItems": files.MaxPlaces, "Parts.parts maxItems": files.MaxPlaces, "FileDone.duration maximum": files.MaxDuration,
		"{n}?Content-Digest maxLength": 200, // longer than any

		"ThreadInfo.repliers maxItems": thread.MaxRepliers, "Emoji.emoji maxItems": chat.MaxFrequentEmoji,
		"Room.members maxItems": chat.MaxDirectMembers, "MyRoom.members maxItems": chat.MaxDirectMembers,
		"NewRoomBody.members maxItems": chat.MaxMembersAtOnce, "NewInviteBody.rooms maxItems": chat.MaxInviteRooms,
		"NewTokenBody.scopes maxItems": 10, // there are three scopes; repeated ones are ignored
		"Versions.versions maxItems":   chat.MaxVersions, "Page.messages maxItems": chat.MaxPage,
		"Changes.messages maxItems": chat.MaxChangesPage, "MyThreads.threads maxItems": chat.MaxThreadsPage,
		"MyThread.latest maxItems": chat.MaxLatest, "*.unread_threads maximum": chat.MaxUnread,
		"threads?limit maximum": chat.MaxThreadsPage,

		"*.unread maximum": chat.MaxUnread, "*.mention_count maximum": chat.MaxUnread, "*.skin_tone maximum": settings.MaxSkinTone,
		"*.keywords maxItems": chat.MaxKeywords, "*.description maxLength": chat.DescriptionLength,
		"*.welcome maxLength":          chat.WelcomeLength,
		"UpdateRoom.confirm maxLength": chat.RoomNameLength, "*.call_url maxLength": chat.CallURLLength, "*.sections maxItems": section.Max,
		"Section.name maxLength": section.NameLength, "Section.rooms maxItems": section.MaxRooms,
		"*.push_delay maximum":             settings.MaxPushDelay / time.Second,
		"*.sections_were maxLength":        section.VersionLength,
		"Schedule.days maxItems":           len(quiet.Days()),
		"*.max_uses maximum":               chat.MaxInviteUses,
		"NewInviteBody.expires_in maximum": chat.MaxInviteLife / time.Second,
		"NewTokenBody.expires_in maximum":  chat.MaxTokenLife / time.Second,
		"Inbox.items maxItems":             chat.MaxInboxPage, "inbox?limit maximum": chat.MaxInboxPage,
		"inbox?cursor maxLength": 200, "ClearInbox.key maxLength": 100, // longer than any
		"messages?limit maximum": chat.MaxPage, "rooms?limit maximum": chat.MaxBrowsed, "changes?limit maximum": chat.MaxChangesPage,
		"Ops.slowest maxItems": wire.MaxOpsRoutes, "Ops.errors maxItems": wire.MaxOpsErrors, "OpsAdoption.weeks maxItems": wire.MaxOpsWeeks,
		"OpsAvailability.days maxItems": wire.MaxOpsDays,
		"OpsSeries.series maxItems":     wire.MaxSeries, "OpsOneSeries.values maxItems": wire.MaxSeriesValues,
		"series?name maxLength": 25 * wire.MaxSeries, // more than the names have
		"series?step maximum":   366 * 24 * 3600, "OpsSeries.step minimum": 10,
		"OpsError.status minimum": 500, "OpsError.status maximum": 599, // statuses of errors of the server
		"Vitals.vitals minItems": 1, "Vitals.vitals maxItems": vital.Max, "Vital.seconds maximum": vital.MaxSeconds,
		"Vital.at maxLength":     vital.PlaceLength,
		"Problem.status minimum": 400, "Problem.status maximum": 599, // statuses of errors
	}
}

// formats maps the limits of string formats to their constants. A format has the same limits in every property.
func formats() map[string]any {
	exactly := func(letters string, n int) string { return fmt.Sprintf("^%s{%d}$", letters, n) }
	return map[string]any{
		"id pattern": exactly("[a-z2-7]", len(chat.NewID())), "secret pattern": exactly("[a-z2-7]", len(chat.NewSecret())),
		"room pattern":   fmt.Sprintf("^([a-z2-7]{%d}|#.+)$", len(chat.NewID())), // or #name
		"token pattern":  exactly("[a-z2-7]", len(chat.NewSecretOf(chat.NewID()))),
		"uuid minLength": 36, "uuid maxLength": 36, // RFC 9562
		"handle pattern":     fmt.Sprintf("^[a-z0-9][a-z0-9._-]{%d,%d}$", chat.HandleMin-1, chat.HandleMax-1),
		"room-name pattern":  fmt.Sprintf(`^[^\s\x00-,./:-^\x60{-\x7f]{1,%d}$`, chat.RoomNameLength),
		"emoji-name pattern": fmt.Sprintf("^[a-z0-9_-]{%d,%d}$", text.EmojiNameMin, text.EmojiNameMax),
		"name maxLength":     chat.NameLength, "text maxLength": chat.MessageLength, "email maxLength": chat.EmailLength,
		"sha256 pattern":      exactly("[0-9a-f]", 2*sha256.Size),
		"base64 pattern":      "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", // RFC 4648, section 4
		"clock-time pattern":  "^([01][0-9]|2[0-3]):[0-5][0-9]$",                              // 00:00 to 23:59
		"time-zone maxLength": chat.TimeZoneLength, "password minLength": chat.PasswordMin, "password maxLength": chat.PasswordMax,
	}
}

// maxSafeInteger is the largest integer that every client can represent exactly (RFC 8259, section 6).
const maxSafeInteger = 1<<53 - 1

// isNoLimit says whether a bound only requires a valid number or a non-empty string, and so is no limit of package chat.
func isNoLimit(keyword, value string) bool {
	switch keyword {
	case "minimum":
		return value == "0" || value == "1"
	case "minLength":
		return value == "1"
	case "maximum":
		return value == fmt.Sprint(maxSafeInteger)
	}
	return false
}

// schema is the part of a JSON Schema that holds limits.
type schema struct {
	Format      string
	Description string
	Properties  map[string]schema
	Items       *schema
	limits      map[string]string
}

func (s *schema) UnmarshalJSON(b []byte) error {
	type plain schema
	if err := json.Unmarshal(b, (*plain)(s)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	s.limits = map[string]string{}
	for _, k := range []string{
		"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "minProperties",
		"maxProperties", "multipleOf", "pattern",
	} {
		v, ok := all[k]
		if !ok {
			continue
		}
		s.limits[k] = string(v) // a number, in its JSON form
		if k == "pattern" {
			var pattern string
			if err := json.Unmarshal(v, &pattern); err != nil {
				return err
			}
			s.limits[k] = pattern
		}
	}
	return nil
}

// document is the API description as it is served.
type document struct {
	Info       struct{ Description string }
	Components struct{ Schemas map[string]schema }
	Paths      map[string]map[string]struct {
		Summary, Description string
		Parameters           []struct {
			Name, Description string
			Schema            schema
		}
	}
}

func described(t *testing.T) document {
	t.Helper()
	b, err := rest.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// each calls f for every property and parameter, with its name, the name for all properties or parameters of that name, and its schema.
func (d document) each(f func(name, alike string, s schema)) {
	var walk func(name, alike string, s schema)
	walk = func(name, alike string, s schema) {
		f(name, alike, s)
		for n, p := range s.Properties {
			walk(name+"."+n, "*."+n, p)
		}
		if s.Items != nil {
			walk(name+"[]", "*[]", *s.Items)
		}
	}
	for n, s := range d.Components.Schemas {
		walk(n, n, s)
	}
	for path, ops := range d.Paths {
		for _, op := range ops {
			for _, p := range op.Parameters {
				walk(path[strings.LastIndex(path, "/")+1:]+"?"+p.Name, p.Name, p.Schema)
			}
		}
	}
}

// TestStatedLimitsAreTheRules: every limit in the description is equal to its constant, and no limit in the tables is missing there.
func TestStatedLimitsAreTheRules(t *testing.T) {
	rows, forms, used := statedLimits(), formats(), map[string]bool{}
	found := 0
	described(t).each(func(name, alike string, s schema) {
		for keyword, value := range s.limits {
			found++
			if isNoLimit(keyword, value) {
				continue
			}
			row := ""
			for _, key := range []string{name + " " + keyword, alike + " " + keyword} {
				if _, ok := rows[key]; ok && row == "" {
					row = key
				}
			}
			want, ok := rows[row]
			if !ok {
				row = s.Format + " " + keyword
				want, ok = forms[row]
			}
			used[row] = true
			if !ok {
				t.Errorf("%s states %s %s: add its constant to the table", name, keyword, value)
			} else if n, ok := want.(time.Duration); ok && value != strconv.FormatInt(int64(n), 10) || !ok && value != fmt.Sprint(want) {
				t.Errorf("%s states %s %s, the constant is %v", name, keyword, value, want)
			}
		}
	})
	for row := range rows {
		if !used[row] {
			t.Errorf("nothing states %q", row)
		}
	}
	for row := range forms {
		if !used[row] {
			t.Errorf("no format states %q", row)
		}
	}
	if found < 200 {
		t.Errorf("only %d limits were found: the test looks in the wrong place", found)
	}
}

// grouped formats a number with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// streaming is the rate of bots that edit messages.
func streaming() chat.Rate {
	all := chat.Commands()
	return all[slices.IndexFunc(all, func(s chat.Spec) bool { return s.Command == chat.CmdStream })].Rate
}

// numberPhrases are all phrases with a number in the description, except HTTP statuses and the rates of routes.
func numberPhrases() []string {
	upTo := func(n int) string { return fmt.Sprintf("At most %d characters", n) }
	text := fmt.Sprintf("1–%s characters of Markdown, not only white space", grouped(chat.MessageLength))
	handle := fmt.Sprintf("%d–%d of a-z 0-9 . _ -", chat.HandleMin, chat.HandleMax)
	more := fmt.Sprintf("Exact to %d, %d means more", chat.MaxUnread-1, chat.MaxUnread)
	ticket := int(chat.TicketLife / time.Second)
	return []string{
		upTo(chat.TitleLength), upTo(chat.TopicLength),
		fmt.Sprintf("At most %s characters; empty removes it", grouped(chat.DescriptionLength)),
		fmt.Sprintf("At most %s characters; empty removes it", grouped(chat.WelcomeLength)),
		upTo(chat.StatusLength), upTo(chat.LastMessageLength), text, more, "Of all that you follow. " + more,
		handle + ", unique for ever",
		fmt.Sprintf("%s; %d changes in %d days", handle, chat.MaxHandleChanges,
			days(chat.HandleChangesWithin)),
		fmt.Sprintf("1–%d characters", chat.NameLength),
		fmt.Sprintf("1–%d lower-case letters, digits, marks, - or _; not for direct rooms", chat.RoomNameLength),
		fmt.Sprintf("At least %d characters, at most %d bytes, not easily guessed", chat.PasswordMin, chat.PasswordMax),
		fmt.Sprintf("watch: at most %d ids", chat.MaxWatched),
		fmt.Sprintf("Seconds; %d days unless said", days(chat.InviteLife)),
		fmt.Sprintf("Seconds; %d days unless said", days(chat.TokenLife)),
		fmt.Sprintf("Needed %d minutes after you entered it", int(chat.PasswordFresh/time.Minute)),
		fmt.Sprintf("in this session more than %d minutes ago", int(chat.PasswordFresh/time.Minute)),
		fmt.Sprintf("At most %d rooms that you are in; guests need one", chat.MaxInviteRooms),
		fmt.Sprintf("At most %d; direct rooms: %d with yourself", chat.MaxMembersAtOnce, chat.MaxDirectMembers),
		fmt.Sprintf("The first %d user ids, in order of reacting", chat.MaxReactionUsers),
		fmt.Sprintf("The first %d user ids, by first reply", thread.MaxRepliers),
		fmt.Sprintf("Opens one socket within %d s: /ws?ticket=…", ticket),
		fmt.Sprintf("%d unless said", chat.DefaultPage), fmt.Sprintf("%d unless said", chat.DefaultThreads),
		fmt.Sprintf("%d unless said", chat.MaxChangesPage),
		fmt.Sprintf("at %s rooms.", grouped(chat.MaxRooms)), fmt.Sprintf("beyond %s rooms of a user.", grouped(chat.MaxRooms)),
		fmt.Sprintf("The newest %d are kept", chat.MaxVersions),
		fmt.Sprintf("At most %d, standard and custom ones", chat.MaxFrequentEmoji),
		fmt.Sprintf("of at most %d KiB; it becomes a picture of at most %d pixels a side", chat.EmojiPictureBytes>>10, picture.EmojiSide),
		fmt.Sprintf("at %s names, and at %d of one picture", grouped(emojiname.Max), emojiname.MaxOfPicture),
		fmt.Sprintf("at %d different emoji", chat.MaxEmojiOnMessage),
		fmt.Sprintf("with more than %d sessions the oldest ends", chat.MaxSessions),
		fmt.Sprintf("and at %d webhooks.", chat.MaxHooks), fmt.Sprintf("posted with this key in the last %d days", days(chat.HookKeyLife)),
		"To about 5 minutes; absent",
		fmt.Sprintf("at %d active bots, and at %d bots that you ever made", bot.Max, bot.MaxAll),
		fmt.Sprintf("or has %d active bots.", bot.Max),
		fmt.Sprintf("at %d tokens.", chat.MaxTokens), fmt.Sprintf("within %d seconds.", ticket),
		fmt.Sprintf("0 none, 1 light … %d dark", settings.MaxSkinTone),
		fmt.Sprintf("At most %d of %d–%d characters; replaces all", chat.MaxKeywords, chat.KeywordMin, chat.KeywordLength),
		fmt.Sprintf("At most %d, with %d rooms together; replaces all", section.Max, section.MaxRooms),
		fmt.Sprintf("1–%d characters; no two have the same", section.NameLength),
		fmt.Sprintf("Seconds, at most %s", grouped(int(settings.MaxPushDelay/time.Second))),
		fmt.Sprintf("of the last %d days", days(chat.InboxLife)),
		fmt.Sprintf("Each 1–%d characters in one line", poll.TextLength), fmt.Sprintf("The first %d voters", poll.MaxUsers),
		fmt.Sprintf("Within the next %d days", days(poll.Life)), fmt.Sprintf("most %d days ahead", days(chat.MaxSilence)),
		fmt.Sprintf("at most %d series, kept every 10 seconds for a day, every minute for 30 days", wire.MaxSeries),
		fmt.Sprintf("at most %d values of each", wire.MaxSeriesValues), "Given in the last 30 days", "Answers with 5xx since the start",
		fmt.Sprintf("Pixels; at most %d, as the height", chat.CardPictureSide), fmt.Sprintf("%d kB of JSON at most", card.MaxBytes/1000),
		fmt.Sprintf("Done after %d minutes of silence", int(chat.StreamSilence/time.Minute)),
		fmt.Sprintf("rate of their own: %d at once, then %d a second.", streaming().Burst, time.Second/streaming().Every),
		"places in options, from 0", "Places in the options of the poll, from 0",
		fmt.Sprintf("Pixels; at most %d, as the height", picture.SmallSide),
		fmt.Sprintf("at most %d KiB of JPEG, PNG or WebP", files.MaxPoster>>10), fmt.Sprintf("%d levels, as bytes", chat.WaveformBytes),
		fmt.Sprintf("one part named file of at most %s bytes", grouped(files.MaxWhole)),
		fmt.Sprintf("may upload in a day: %s bytes", grouped(chat.FileBytes)), fmt.Sprintf("about %d at once", chat.DefaultFiles),
		fmt.Sprintf("looks at %s rows at once", grouped(audit.MaxLooked)), fmt.Sprintf("with %s rows at most", grouped(chat.MaxAuditExport)),
		"Its number: 1 for the first row ever", "SHA-256 of prev and the canonical form",
		fmt.Sprintf("the newest %d replies", chat.FeedbackAnswers), "Content-Digest: sha-256 (RFC 9530)", "for a sha256 that",
		"The user's id, then 160 random bits", "To 0 … last_seq", "0 … last_seq", "A revision; 0 for all", "dense from 1",
		"came to count 1", "count 0: gone",
	}
}

var (
	number = regexp.MustCompile(`\d`)
	status = regexp.MustCompile(`\b(200|20[124]|30[24]|40[0134589]|41[035]|42[19]|503|4001)\b`)
	rate   = regexp.MustCompile(`Rate: [^.]+\.`)
)

// TestDescribedNumbersAreTheRules: numbers in the texts of the description are equal to their constants.
func TestDescribedNumbersAreTheRules(t *testing.T) {
	d := described(t)
	texts := map[string]string{}
	d.each(func(name, _ string, s schema) { texts[name] = s.Description })
	for path, ops := range d.Paths {
		for method, op := range ops {
			texts[method+" "+path] = op.Summary + " " + op.Description
			for _, p := range op.Parameters {
				texts[path+"?"+p.Name] = p.Description
			}
		}
	}
	all := numberPhrases()
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	allTexts := strings.Join(slices.Collect(maps.Values(texts)), "\n")
	for _, p := range all {
		if !strings.Contains(allTexts, p) {
			t.Errorf("the description does not contain %q", p)
		}
	}
	for where, text := range texts {
		rest := rate.ReplaceAllString(text, "")
		for _, p := range all {
			rest = strings.ReplaceAll(rest, p, "")
		}
		if number.MatchString(status.ReplaceAllString(rest, "")) {
			t.Errorf("%s: a number that is in no known phrase: %s", where, text)
		}
	}
}

// TestDocsSayTheRules: numbers in the docs are equal to their constants.
func TestDocsSayTheRules(t *testing.T) {
	for _, c := range []struct {
		where, text string
		sentences   []string
	}{
		{"the description", described(t).Info.Description, []string{
			fmt.Sprintf("text %s characters", grouped(chat.MessageLength)),
			fmt.Sprintf("%d mentions, %d different @names, %d different emoji and %d files on a message", chat.MaxMentions, chat.MaxNames,
				chat.MaxEmojiOnMessage, chat.MaxFiles),
			fmt.Sprintf("%s bytes of files;", grouped(chat.FileBytes)), fmt.Sprintf("%s unless the operator", grouped(chat.DefaultMaxFile)),
			fmt.Sprintf("%s names of custom emoji", grouped(emojiname.Max)),
			fmt.Sprintf("bodies %d MiB, without signing in %d KiB; frames of the socket %d KiB", wire.BodyBytes>>20, wire.OpenBodyBytes>>10,
				wire.FrameBytes>>10),
			fmt.Sprintf("pages %d messages, changes %d, both of %d KiB of text at most",
				chat.MaxPage, chat.MaxChangesPage, chat.PageBytes>>10),
			fmt.Sprintf("and %d requests at the same time", chat.MaxInFlight),
			fmt.Sprintf("%d members and %d rooms in one request", chat.MaxMembersAtOnce, chat.MaxInviteRooms),
			fmt.Sprintf("direct rooms %d people", chat.MaxDirectMembers),
			fmt.Sprintf("%d sessions, %d tokens and %d connections a user", chat.MaxSessions, chat.MaxTokens, wire.ConnectionsOfUser),
			fmt.Sprintf("%s bytes stored by a user in a day, of texts and %d for each", grouped(chat.StoredBytes), chat.RowBytes),
			fmt.Sprintf("%d changes of a handle in %d days", chat.MaxHandleChanges, days(chat.HandleChangesWithin)),
			fmt.Sprintf("%s rooms;", grouped(chat.MaxRooms)),
		}},
		{"docs/api.md", file(t, "../docs/api.md"), []string{
			fmt.Sprintf("Beyond %s bytes in a day", grouped(chat.StoredBytes)),
			fmt.Sprintf("with the poll and the cards in it, and %d bytes more", chat.RowBytes),
			fmt.Sprintf("changed %d times in %d days", chat.MaxHandleChanges, days(chat.HandleChangesWithin)),
			fmt.Sprintf("%d that are active and %d in all", bot.Max, bot.MaxAll),
			fmt.Sprintf("socket within %d seconds", int(chat.TicketLife/time.Second)),
			fmt.Sprintf("a body beyond %d MiB, or %d KiB without signing in", wire.BodyBytes>>20, wire.OpenBodyBytes>>10),
			fmt.Sprintf("entered in this session more than %d minutes ago", int(chat.PasswordFresh/time.Minute)),
			fmt.Sprintf("expires after %d days unless", days(chat.TokenLife)),
			fmt.Sprintf("a device cookie, for %d days", days(chat.DeviceLife)), fmt.Sprintf("%d requests in flight", chat.MaxInFlight),
			fmt.Sprintf("brings it to %d KiB", chat.PageBytes>>10), fmt.Sprintf("The newest %d versions are kept", chat.MaxVersions),
			fmt.Sprintf("%d people at most, and %d different names", chat.MaxMentions, chat.MaxNames),
			fmt.Sprintf("At most %d sections are allowed, with different names of 1 to %d characters and at most %d rooms together",
				section.Max, section.NameLength, section.MaxRooms),
			fmt.Sprintf("an https address of at most %d characters", chat.CallURLLength),
			fmt.Sprintf("of at most %s characters, and `welcome`, Markdown of at most %s.", grouped(chat.DescriptionLength),
				grouped(chat.WelcomeLength)),
			fmt.Sprintf("with %d to %d options of at most %d characters", poll.MinOptions, poll.MaxOptions, poll.TextLength),
			fmt.Sprintf("up to %d cards, of %s bytes of JSON together", card.Max, grouped(card.MaxBytes)),
			fmt.Sprintf("at most %d fields, %d buttons", card.MaxFields, card.MaxButtons),
			fmt.Sprintf("at most %d pictures in all, and draws them anew with at most %d pixels a side", card.MaxPictures, chat.CardPictureSide),
			fmt.Sprintf("within the next %d days", days(poll.Life)), fmt.Sprintf("the first %d `users`", poll.MaxUsers),
			fmt.Sprintf("or GIF of at most %d KiB. The picture is scaled down to at most %d pixels a side", chat.EmojiPictureBytes>>10,
				picture.EmojiSide),
			fmt.Sprintf("%s names, aliases included, and an emoji %d of them", grouped(emojiname.Max), emojiname.MaxOfPicture),
			fmt.Sprintf("A name has %d to %d of the characters", text.EmojiNameMin, text.EmojiNameMax),
			fmt.Sprintf("at most %d of them", chat.MaxFiles), fmt.Sprintf("(%s unless the operator", grouped(chat.DefaultMaxFile)),
			fmt.Sprintf("up to %s bytes is uploaded with one request", grouped(files.MaxWhole)),
			fmt.Sprintf("in parts of %d MiB", files.PartSize>>20), fmt.Sprintf("each part that you name, at most %d,", files.MaxPlaces),
			fmt.Sprintf("about %d files at once", chat.DefaultFiles),
			fmt.Sprintf("can upload %s bytes in a day", grouped(chat.FileBytes)),
		}},
		{"docs/operate.md", file(t, "../docs/operate.md"), []string{
			fmt.Sprintf("after %d days without use, and after %d days in any case", days(chat.SessionIdle), days(chat.SessionLife)),
			fmt.Sprintf("A token expires after %d days unless", days(chat.TokenLife)),
			fmt.Sprintf("a cookie that lives for %d days", days(chat.DeviceLife)),
			fmt.Sprintf("bodies of up to %d MiB, the size of the parts", files.PartSize>>20),
			fmt.Sprintf("in megabytes: 1 to %d, %d unless said", chat.MaxMaxFile/1_000_000, chat.DefaultMaxFile/1_000_000),
		}},
	} {
		for _, s := range c.sentences {
			if !strings.Contains(strings.Join(strings.Fields(c.text), " "), s) {
				t.Errorf("%s does not say %q", c.where, s)
			}
		}
	}
}

func file(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
