package chat_test

import "github.com/canteen-chat/canteen/chat"

func opsRules() []rule {
	return []rule{
		{chat.CmdReadOps, "of this one", "", "read", admins, "", func(s *stage) error {
			return s.rules.ReadOps(s.ctx, s.kim, func() error { return nil })
		}},
		{chat.CmdRetryJob, "of this one", "", "write", admins, "", func(s *stage) error {
			return s.rules.RetryJob(s.ctx, s.kim, "mail", func() error { return nil })
		}},
		{chat.CmdDiscardJob, "of this one", "", "write", admins, "", func(s *stage) error {
			return s.rules.DiscardJob(s.ctx, s.kim, "mail", func() error { return nil })
		}},
	}
}
