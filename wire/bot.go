package wire

import "github.com/canteen-chat/canteen/chat"

// Bots is the answer of GET /bots.
type Bots struct {
	Bots []User `json:"bots" nullable:"false"`
}

// BotRooms is the answer of GET /bots/{bot}/rooms.
type BotRooms struct {
	Rooms []string `json:"rooms" nullable:"false" doc:"Ids"`
}

// NewBotBody is the body of POST /bots.
type NewBotBody struct {
	Name   string `json:"name" format:"name" example:"Builds"`
	Handle string `json:"handle" format:"handle" example:"builds"`
	Title  string `json:"title,omitempty" maxLength:"80" format:"line" doc:"At most 80 characters"`
}

// Input maps the body to the input of package chat.
func (b NewBotBody) Input() chat.NewBotInput { return chat.NewBotInput(b) }

// UpdateBotBody is the body of PATCH /bots/{bot}. Absent fields stay unchanged.
type UpdateBotBody struct {
	Name        *string `json:"name,omitempty" format:"name"`
	Handle      *string `json:"handle,omitempty" format:"handle"`
	Title       *string `json:"title,omitempty" maxLength:"80" format:"line"`
	Deactivated *bool   `json:"deactivated,omitempty" example:"false" doc:"true ends all its tokens; false needs an active owner"`
}

// Input maps the body to the input of package chat.
func (b UpdateBotBody) Input() chat.UpdateUserInput {
	return chat.UpdateUserInput{Name: b.Name, Handle: b.Handle, Title: b.Title, Deactivated: b.Deactivated}
}
