package chat

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/text"
)

// UpdateWorkspace changes settings of the workspace. CallURL is the template of links to calls: an https URL in which {room} stands for
// the room's own part; "" for no calls. FeedbackRoom is the id of the room into which feedback is posted; "" for none.
type UpdateWorkspace struct {
	Facts        Facts
	CallURL      *string
	PreviewsOff  *bool
	FeedbackRoom *string
}

// None says whether the command changes nothing.
func (cmd UpdateWorkspace) None() bool {
	return cmd.CallURL == nil && cmd.PreviewsOff == nil && cmd.FeedbackRoom == nil
}

// Apply is the workspace after the command.
func (cmd UpdateWorkspace) Apply(w Workspace) Workspace {
	if cmd.CallURL != nil {
		w.CallURL = *cmd.CallURL
	}
	if cmd.PreviewsOff != nil {
		w.PreviewsOff = *cmd.PreviewsOff
	}
	if cmd.FeedbackRoom != nil {
		w.FeedbackRoom = *cmd.FeedbackRoom
	}
	return w
}

// UpdateWorkspaceInput changes settings of the workspace; what is nil stays.
type UpdateWorkspaceInput struct {
	CallURL      *string
	Previews     *bool // whether links get previews, as far as the deployment makes any
	FeedbackRoom *string
}

// UpdateWorkspace is for owners and admins.
func (c *Canteen) UpdateWorkspace(ctx context.Context, a Actor, in UpdateWorkspaceInput) (Workspace, error) {
	m, err := perform(ctx, c, a, CmdUpdateWorkspace, use[me]{
		may: func(at *attempt) error { return at.administers() },
		do: func(at *attempt) (me, error) {
			if in.CallURL != nil {
				if err := reason("call_url", text.CallTemplate(*in.CallURL)); err != nil {
					return me{}, err
				}
			}
			if in.FeedbackRoom != nil {
				if err := c.takesFeedback(ctx, at.Actor, *in.FeedbackRoom); err != nil {
					return me{}, err
				}
			}
			cmd := UpdateWorkspace{Facts: at.facts(), CallURL: in.CallURL, FeedbackRoom: in.FeedbackRoom}
			if in.Previews != nil {
				off := !*in.Previews
				cmd.PreviewsOff = &off
			}
			was, err := c.store.Workspace(ctx)
			if err != nil {
				return me{}, err
			}
			at.about = slices.Concat(audit.Changed("call_url", was.CallURL, in.CallURL),
				audit.Changed("previews", !was.PreviewsOff, in.Previews), audit.Changed("feedback_room", was.FeedbackRoom, in.FeedbackRoom))
			if err := c.store.UpdateWorkspace(ctx, cmd); err != nil {
				return me{}, err
			}
			return c.me(ctx, at.Actor, at.User)
		},
	})
	return m.Workspace, err
}
