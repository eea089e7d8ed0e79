package chat

import (
	"context"
	"strings"
	"time"
)

// Workspace is the one company this deployment is for.
type Workspace struct {
	Name         string
	Epoch        string   // random, renewed by restore and migration: clients that see another one start afresh
	DefaultRooms []string // ids; everyone but guests starts in them
	CallURL      string   // a template: see UpdateWorkspace; "" for no calls
	FeedbackRoom string   // id; "" for none
	Feedback     bool     // whether there is such a room, for those who are not told which. The rules set it
	Mail         bool     // whether this deployment can send e-mail. The rules set it; no store keeps it
	PreviewsOff  bool     // the workspace wants no previews of links
	Previews     bool     // whether links get previews. The rules set it; no store keeps it
	CanPreview   bool     // whether this deployment asks web pages for previews; as Mail
	MaxFile      int64    // bytes of the largest file; as Mail
	Vitals       bool     // whether browsers are to report vitals; as Mail
}

// WorkspaceInfo is what anybody may know before signing in.
type WorkspaceInfo struct {
	Name     string
	Setup    bool // the first run is not done yet
	SignedIn bool // the visitor holds a session that is not over
}

// WorkspaceStore holds what there is one of.
type WorkspaceStore interface {
	// Workspace is NotFound before the setup.
	Workspace(ctx context.Context) (Workspace, error)
	// Setup makes the workspace, its owner, the public room general with the owner in it (RoomOwner), and, when Session is
	// given, the owner's session. Conflict when there is a workspace already.
	Setup(ctx context.Context, c Setup) (User, error)
	// UpdateWorkspace changes what is not nil. Announces WorkspaceChanged, unless all is nil.
	UpdateWorkspace(ctx context.Context, c UpdateWorkspace) error
	// Ready is nil when the store can be read and, as far as it knows, written. It writes nothing.
	Ready(ctx context.Context) error
}

// Setup is the first command of all.
type Setup struct {
	Workspace Workspace
	Owner     NewUser
	RoomID    string
	Session   *NewSession
	At        time.Time
}

// General is the first room: public, with the owner of the workspace in it.
func (cmd Setup) General() AddRoom {
	return AddRoom{
		Room: Room{
			ID: cmd.RoomID, Kind: Public, Name: "general", Posting: PostingEveryone, CreatedBy: cmd.Owner.User.ID, CreatedAt: cmd.At,
		},
		Members: []RoomMembership{{User: cmd.Owner.User.ID, Role: RoomOwner, JoinedAt: cmd.At}},
	}
}

// ErrSetUp is the answer to a second setup.
func ErrSetUp() *Error { return Errorf(Conflict, "Canteen is already set up. Sign in.") }

// WorkspaceInfo is for everybody. secret is that of the visitor's session, or "".
func (c *Canteen) WorkspaceInfo(ctx context.Context, a Actor, secret string) (WorkspaceInfo, error) {
	a, err := c.recognize(ctx, a, "")
	if err != nil {
		return WorkspaceInfo{}, err
	}
	return perform(ctx, c, a, CmdWorkspaceInfo, use[WorkspaceInfo]{do: func(*attempt) (WorkspaceInfo, error) {
		w, err := c.store.Workspace(ctx)
		if err != nil && ErrorCode(err) != NotFound {
			return WorkspaceInfo{}, err
		}
		info := WorkspaceInfo{Name: w.Name, Setup: err != nil}
		if secret != "" {
			if _, err := c.BySession(ctx, secret); err == nil {
				info.SignedIn = true
			} else if ErrorCode(err) != Unauthenticated {
				return WorkspaceInfo{}, err
			}
		}
		return info, nil
	}})
}

// SetupInput is the first run's form.
type SetupInput struct {
	Token, Workspace, Name, Handle, Email, Password, UserAgent string
}

// Setup makes the workspace and its owner, who is signed in. NotFound for another token than the link's, Conflict once
// done.
func (c *Canteen) Setup(ctx context.Context, a Actor, in SetupInput) (SignedIn, error) {
	return perform(ctx, c, a, CmdSetup, use[SignedIn]{
		see:   func(*attempt) error { return c.knowsSetup(ctx, in.Token) },
		state: func(*attempt) (bool, error) { return false, c.notSetUp(ctx) },
		do: func(at *attempt) (SignedIn, error) {
			u, err := c.newUser(ctx, at.sender(), userInput{in.Name, in.Handle, in.Email, in.Password, Owner, in.Workspace})
			if err != nil {
				return SignedIn{}, err
			}
			session, secret := c.newSession(u.User.ID, 1, in.UserAgent)
			user, err := c.setUp(ctx, in.Workspace, u, &session)
			return at.signedIn(user, session.Session.ID, secret, u.PasswordHash), err
		},
	})
}

// CheckSetup answers as [Canteen.Setup] would to the token of a link, before anybody fills in the form.
func (c *Canteen) CheckSetup(ctx context.Context, a Actor, token string) error {
	return second(perform(ctx, c, a, CmdCheckSetup, use[struct{}]{
		see: func(*attempt) error { return c.knowsSetup(ctx, token) },
		do:  func(*attempt) (struct{}, error) { return struct{}{}, c.notSetUp(ctx) },
	}))
}

// knowsSetup is NotFound for another token than the setup link's.
func (c *Canteen) knowsSetup(ctx context.Context, token string) error {
	setup, err := c.setup(ctx)
	if err == nil && HashSecret(token) != setup {
		err = &Error{
			Code: NotFound, Field: "token",
			Message: "This setup link no longer works. Use the one that Canteen printed when it was last started or deployed.",
		}
	}
	return err
}

// notSetUp is Conflict once there is a workspace.
func (c *Canteen) notSetUp(ctx context.Context) error {
	_, err := c.store.Workspace(ctx)
	if err == nil {
		return ErrSetUp()
	}
	if ErrorCode(err) == NotFound {
		return nil
	}
	return err
}

func (c *Canteen) setUp(ctx context.Context, workspace string, u NewUser, s *NewSession) (User, error) {
	workspace = strings.TrimSpace(workspace)
	if err := personName("workspace", workspace); err != nil {
		return User{}, err
	}
	general := NewID()
	return c.store.Setup(ctx, Setup{
		Workspace: Workspace{Name: workspace, Epoch: NewID(), DefaultRooms: []string{general}},
		Owner:     u, RoomID: general, Session: s, At: c.clock.Time(),
	})
}
