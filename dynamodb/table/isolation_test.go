package table

import (
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// TestTornQuestionIsAskedAgain checks that a read repeats until it sees the whole commit, a limited number of times.
func TestTornQuestionIsAskedAgain(t *testing.T) {
	asked := 0
	got, err := Read(t.Context(), Open(Options{}), func(*Tx) (string, error) {
		if asked++; asked < 3 {
			return "", ErrPartialCommit
		}
		return "whole", nil
	})
	if got != "whole" || err != nil || asked != 3 {
		t.Errorf("%q (%v) after %d questions", got, err, asked)
	}
	_, err = Read(t.Context(), Open(Options{}), func(*Tx) (int, error) { return 0, ErrPartialCommit })
	if chat.ErrorCode(err) != chat.Unavailable {
		t.Errorf("a commit that stays partial: %v", err)
	}
}
