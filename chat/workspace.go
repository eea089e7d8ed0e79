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
}

// WorkspaceInfo is what anybody may know before signing in.
type WorkspaceInfo struct {
	Name  string
	Setup bool // the first run is not done yet
}

// WorkspaceStore holds what there is one of.
type WorkspaceStore interface {
	// Workspace is NotFound before the setup.
	Workspace(ctx context.Context) (Workspace, error)
	// Setup makes the workspace, its owner, the public room general with the owner in it (RoomOwner), and, when Session is
	// given, the owner's session. Conflict when there is a workspace already.
	Setup(ctx context.Context, c Setup) (User, error)
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
func ErrSetUp() *Error { return Errorf(Conflict, "Canteen is set up already. Sign in.") }

// WorkspaceInfo is for everybody.
func (c *Canteen) WorkspaceInfo(ctx context.Context, a Actor) (WorkspaceInfo, error) {
	a, err := c.recognize(ctx, a, "")
	if err != nil {
		return WorkspaceInfo{}, err
	}
	return perform(ctx, c, a, CmdWorkspaceInfo, use[WorkspaceInfo]{do: func(*attempt) (WorkspaceInfo, error) {
		w, err := c.store.Workspace(ctx)
		if err != nil && ErrorCode(err) != NotFound {
			return WorkspaceInfo{}, err
		}
		return WorkspaceInfo{Name: w.Name, Setup: err != nil}, nil
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
		see: func(*attempt) error {
			setup, err := c.setup(ctx)
			if err == nil && HashSecret(in.Token) != setup {
				err = &Error{
					Code: NotFound, Field: "token",
					Message: "This setup link is not valid. Use the one printed when Canteen was last started or deployed.",
				}
			}
			return err
		},
		state: func(*attempt) (bool, error) {
			_, err := c.store.Workspace(ctx)
			if err == nil {
				return false, ErrSetUp()
			}
			if ErrorCode(err) == NotFound {
				return false, nil
			}
			return false, err
		},
		do: func(at *attempt) (SignedIn, error) {
			u, err := c.newUser(ctx, userInput{in.Name, in.Handle, in.Email, in.Password, Owner, in.Workspace})
			if err != nil {
				return SignedIn{}, err
			}
			session, secret := c.newSession(u.User.ID, 1, in.UserAgent)
			user, err := c.setUp(ctx, in.Workspace, u, &session)
			return at.signedIn(user, session.Session.ID, secret, u.PasswordHash), err
		},
	})
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
