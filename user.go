package canteen

import "time"

// Role is what somebody is in the workspace.
type Role string

// Workspace roles, highest first.
const (
	Owner  Role = "owner"
	Admin  Role = "admin"
	Member Role = "member"
	Guest  Role = "guest"
)

// User is a person or bot. Email, Settings and Epoch are for the rules; wire shows them only to whom they belong.
type User struct {
	ID          string
	Handle      string
	Name        string
	Title       string
	TimeZone    string // IANA name; may be empty
	Bot         bool
	Role        Role
	Deactivated bool
	Ambiguous   bool // another's name is equal after NFKC and case folding, or the name mixes scripts
	Status      *Status
	Email       string // as typed; compared after case folding
	Settings    Settings
	Epoch       int64 // sessions and tokens carry it: one write that raises it ends them all
}

// Status is what somebody says of themselves beside their name.
type Status struct {
	Emoji string // canonical, may be empty
	Text  string
	Until *time.Time
}

// Settings are a user's own choices, the same on all devices.
type Settings struct {
	Theme      string // "system", "light" or "dark"
	SkinTone   int    // 0 none, 1 (light) … 5 (dark)
	EnterSends bool
}

// DefaultSettings are those of a new user.
func DefaultSettings() Settings { return Settings{Theme: "system", EnterSends: true} }

// Workspace is the one company this deployment is for.
type Workspace struct {
	Name  string
	Epoch string // random, renewed by restore and migration: clients that see another one start afresh
}
