package chat

import (
	"fmt"
	"reflect"
	"slices"
)

// ErrHandleTaken is the answer to a handle that another user has or had.
func ErrHandleTaken() *Error {
	return errTaken("handle", "Somebody has or had this handle. Choose another.")
}

// ErrEmailTaken is the answer to an e-mail address that another user has.
func ErrEmailTaken() *Error { return errTaken("email", "Somebody already uses this e-mail address.") }

// ErrLastOwner is the answer to a change that would leave the workspace without an active owner.
func ErrLastOwner() *Error {
	return errTaken("role", "The workspace needs an owner. Make somebody else an owner first.")
}

// ActiveOwner says whether the user counts as an owner of the workspace.
func (u User) ActiveOwner() bool { return u.Role == Owner && !u.Deactivated }

// KeepAnOwner is [ErrLastOwner] when the change of one user from was to now would leave the workspace without an active
// owner. another says whether somebody else is one; it is called only when the answer depends on it.
func KeepAnOwner(was, now User, another func() (bool, error)) error {
	if !was.ActiveOwner() || now.ActiveOwner() {
		return nil
	}
	ok, err := another()
	if err == nil && !ok {
		err = ErrLastOwner()
	}
	return err
}

// admits says whether a session or token that was made in an epoch of the user is still good.
func (u User) admits(epoch int64) bool { return !u.Deactivated && u.Epoch == epoch }

// Check is [ErrStale] when the fact about the user to be changed does not hold, [ErrSectionsChanged], Invalid when a schedule would have
// no time zone, and RateLimited when the handle was changed too often, whoever changed it.
func (cmd UpdateUser) Check(was User) error {
	if w := cmd.Was; w != nil && (w.Role != was.Role || w.Epoch != was.Epoch) {
		return ErrStale
	}
	if was.Owner != "" && cmd.Role != nil && *cmd.Role != was.Role {
		return InvalidField("role", "A bot of somebody is always a guest.")
	}
	if in := cmd.Settings; in != nil && in.SectionsWere != nil && *in.SectionsWere != was.Settings.SectionsVersion() {
		return ErrSectionsChanged()
	}
	if err := cmd.Apply(was).placed(cmd.TimeZone != nil); err != nil {
		return err
	}
	if !cmd.changesHandle(was) || len(was.HandleChanges) < MaxHandleChanges {
		return nil
	}
	next := was.HandleChanges[len(was.HandleChanges)-MaxHandleChanges].Add(HandleChangesWithin)
	if !next.After(cmd.At) {
		return nil
	}
	return &Error{
		Code: RateLimited, Field: "handle", RetryAfter: next.Sub(cmd.At),
		Message: fmt.Sprintf("A handle can be changed %d times in %d days. You can change it again on %s.", MaxHandleChanges,
			HandleChangesWithin/day, next.UTC().Format("2 January 2006, 15:04 UTC")),
	}
}

func (cmd UpdateUser) changesHandle(was User) bool {
	return cmd.Handle != nil && *cmd.Handle != was.Handle
}

// Compares says whether the user must be compared with others anew: see [User.NameKeys].
func (cmd UpdateUser) Compares() bool { return cmd.Name != nil || cmd.Role != nil }

// Apply is the user after the command. Ambiguous stays: it depends on other users.
func (cmd UpdateUser) Apply(u User) User {
	if cmd.changesHandle(u) {
		u.HandleChanges = append(slices.Clone(u.HandleChanges), cmd.At)
		u.HandleChanges = u.HandleChanges[max(0, len(u.HandleChanges)-MaxHandleChanges):]
	}
	set(&u.Name, cmd.Name)
	set(&u.Handle, cmd.Handle)
	set(&u.Title, cmd.Title)
	set(&u.TimeZone, cmd.TimeZone)
	set(&u.Status, cmd.Status)
	if cmd.Settings != nil {
		u.Settings = cmd.Settings.Apply(u.Settings)
	}
	set(&u.Role, cmd.Role)
	was := u.Deactivated
	set(&u.Deactivated, cmd.Deactivated)
	if cmd.EndSessions {
		u.Epoch++
	}
	if cmd.EndSessions && !cmd.KeepTokens || u.Deactivated != was {
		u.Reset = u.Epoch
	}
	return u
}

// Ended is what a raised epoch of user ends, besides others, the ids of the other sessions. Those are listed where tokens are kept,
// since All would end the tokens too.
func (cmd UpdateUser) Ended(others []string) SessionsEnded {
	e := SessionsEnded{User: cmd.User, All: !cmd.KeepTokens}
	if cmd.KeepSession != nil {
		e.Except = cmd.KeepSession.ID
	}
	if cmd.KeepTokens {
		e.IDs = others
	}
	return e
}

// Keeps says whether the command keeps the session.
func (cmd UpdateUser) Keeps(session string) bool {
	return cmd.KeepSession != nil && cmd.KeepSession.ID == session
}

// Kept is the kept session after the command: who sets a password has just entered it.
func (cmd UpdateUser) Kept(s Session) Session {
	s.UserEpoch++
	if cmd.Password != nil {
		s.PasswordAt = cmd.At
	}
	return s
}

// set changes v when there is something to change it to.
func set[T any](v, to *T) {
	if to != nil {
		*v = *to
	}
}

// Told is the event that tells of a change from u to now: UserChanged when others see it, SettingsChanged when only the user does, nil
// when nobody does.
func (u User) Told(now User) Event {
	u.Epoch, u.Reset = now.Epoch, now.Reset
	if reflect.DeepEqual(u, now) {
		return nil
	}
	quiet := u.Settings.Attention.Quiet // others see it
	u.Settings = now.Settings
	u.Settings.Attention.Quiet = quiet
	if reflect.DeepEqual(u, now) {
		return SettingsChanged{now}
	}
	return UserChanged{now}
}

// FirstRooms are the ids of the rooms that the new user begins in: those of cmd.Rooms that are there and neither direct nor
// archived, each once; none of a bot with an owner. room loads one; it says false when there is none. NotFound when an invite leaves a
// guest without a room.
func (cmd AddUser) FirstRooms(room func(id string) (Room, bool, error)) ([]string, error) {
	var ids []string
	if cmd.User.User.Owner != "" {
		return nil, nil
	}
	for _, id := range cmd.Rooms {
		r, ok, err := room(id)
		if err != nil {
			return nil, err
		}
		if ok && r.Kind != Direct && !r.Archived && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if cmd.Invite != nil && cmd.User.User.Role == Guest && len(ids) == 0 {
		return nil, ErrNotFound()
	}
	return ids, nil
}
