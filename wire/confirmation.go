package wire

import "github.com/canteen-chat/canteen/chat"

// Confirmation says that somebody confirmed to have read a message.
type Confirmation struct {
	User string `json:"user" format:"id"`
	At   Time   `json:"at" format:"date-time"`
}

// Confirmations are who has confirmed a message, as the viewer may see it.
type Confirmations struct {
	Mine      *Time           `json:"mine,omitempty" format:"date-time" doc:"When the viewer confirmed"`
	Confirmed *[]Confirmation `json:"confirmed,omitempty" nullable:"false" doc:"The first one first; for the author and owners of the room"`
	Missing   *[]string       `json:"missing,omitempty" nullable:"false" format:"id" doc:"Members who have not, without the author; for the same"`
}

// NewConfirmations maps confirmations.
func NewConfirmations(c chat.Confirmations) Confirmations {
	w := Confirmations{Mine: optionalTime(c.Mine)}
	if c.All {
		all, missing := make([]Confirmation, len(c.Confirmed)), list(c.Missing)
		for i, one := range c.Confirmed {
			all[i] = Confirmation{one.User, Time{one.At}}
		}
		w.Confirmed, w.Missing = &all, &missing
	}
	return w
}
