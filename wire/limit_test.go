package wire_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/section"
	"github.com/canteen-chat/canteen/text"
	"github.com/canteen-chat/canteen/wire"
)

// inputLimit and defaultLimit match limits in the source of the web client: the length of an input, and the default that the client uses
// until it knows the workspace's limit.
var (
	inputLimit   = regexp.MustCompile(`(max|min)length=["{]([0-9]+)["}]`)
	defaultLimit = regexp.MustCompile(`limits\.(\w+) \?\? ([0-9_]+)`)
)

// TestWebStatesTheRules: limits in the source of the web client are equal to those of package chat.
func TestWebStatesTheRules(t *testing.T) {
	most := []int{
		chat.NameLength, chat.HandleMax, chat.TitleLength, chat.TopicLength, chat.StatusLength, chat.RoomNameLength, chat.PasswordMax,
		section.NameLength, chat.DescriptionLength, chat.WelcomeLength, chat.CallURLLength,
		chat.MessageLength, text.EmojiNameMax,
	}
	lengths := map[string][]int{"max": most, "min": {chat.HandleMin, chat.PasswordMin}}
	limits := limitsOfMe(t)
	found := 0
	root := os.DirFS("../web/src")
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".svelte", ".ts"}, path.Ext(file)) {
			return err
		}
		b, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		for _, m := range inputLimit.FindAllStringSubmatch(string(b), -1) {
			found++
			if !slices.ContainsFunc(lengths[m[1]], func(n int) bool { return fmt.Sprint(n) == m[2] }) {
				t.Errorf("%s: %s is not a limit of package chat", file, m[0])
			}
		}
		for _, m := range defaultLimit.FindAllStringSubmatch(string(b), -1) {
			found++
			if want := fmt.Sprint(limits[m[1]]); strings.ReplaceAll(m[2], "_", "") != want {
				t.Errorf("%s: %s, the rule is %s", file, m[0], want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 5 {
		t.Errorf("only %d limits were found: the test looks in the wrong place", found)
	}
}

// limitsOfMe returns the limits in GET /me by name.
func limitsOfMe(t *testing.T) map[string]int {
	t.Helper()
	b, err := json.Marshal(wire.NewMe(chat.User{}, chat.Workspace{MaxFile: chat.DefaultMaxFile}).Workspace.Limits)
	if err != nil {
		t.Fatal(err)
	}
	var limits map[string]int
	if err := json.Unmarshal(b, &limits); err != nil {
		t.Fatal(err)
	}
	for name, n := range limits {
		if n == 0 {
			t.Errorf("the limit %s is not set", name)
		}
	}
	return limits
}
