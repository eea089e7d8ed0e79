package chat

import (
	"context"
	"net/url"
	"strings"
)

// callRoom is what a room's own part of a link stands for in the template of calls.
const callRoom = "{room}"

// UpdateWorkspace changes settings of the workspace. CallURL is the template of links to calls: an https URL in which {room} stands for
// the room's own part; "" for no calls.
type UpdateWorkspace struct {
	Facts       Facts
	CallURL     *string
	PreviewsOff *bool
}

// None says whether the command changes nothing.
func (cmd UpdateWorkspace) None() bool { return cmd.CallURL == nil && cmd.PreviewsOff == nil }

// Apply is the workspace after the command.
func (cmd UpdateWorkspace) Apply(w Workspace) Workspace {
	if cmd.CallURL != nil {
		w.CallURL = *cmd.CallURL
	}
	if cmd.PreviewsOff != nil {
		w.PreviewsOff = *cmd.PreviewsOff
	}
	return w
}

// UpdateWorkspaceInput changes settings of the workspace; what is nil stays.
type UpdateWorkspaceInput struct {
	CallURL  *string
	Previews *bool // whether links get previews, as far as the deployment makes any
}

// UpdateWorkspace is for owners and admins.
func (c *Canteen) UpdateWorkspace(ctx context.Context, a Actor, in UpdateWorkspaceInput) (Workspace, error) {
	m, err := perform(ctx, c, a, CmdUpdateWorkspace, use[me]{
		may: func(at *attempt) error { return at.administers() },
		do: func(at *attempt) (me, error) {
			if in.CallURL != nil {
				if err := callTemplate(*in.CallURL); err != nil {
					return me{}, err
				}
			}
			cmd := UpdateWorkspace{Facts: at.facts(), CallURL: in.CallURL}
			if in.Previews != nil {
				off := !*in.Previews
				cmd.PreviewsOff = &off
			}
			if err := c.store.UpdateWorkspace(ctx, cmd); err != nil {
				return me{}, err
			}
			return c.me(ctx, at.User)
		},
	})
	return m.Workspace, err
}

// callTemplate checks a template of links to calls. What stands for the room may not be the host: that is the workspace's choice.
func callTemplate(s string) error {
	if s == "" {
		return nil
	}
	if len(s) > CallURLLength {
		return InvalidField("call_url", "At most %d characters are allowed.", CallURLLength)
	}
	u, err := url.Parse(strings.Replace(s, callRoom, "room", 1))
	rest, secure := strings.CutPrefix(s, "https://")
	host, _, _ := strings.Cut(rest, "/")
	if err != nil || !secure || u.Host == "" || u.User != nil || strings.Count(s, callRoom) != 1 || strings.Contains(host, callRoom) ||
		strings.ContainsAny(s, " \t\r\n\"<>\\") {
		return InvalidField("call_url", "An https address with {room} behind its host is needed, such as https://meet.jit.si/{room}.")
	}
	return nil
}
