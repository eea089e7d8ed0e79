package wire

// Problem is the body of every error: a problem document (RFC 9457) with a code for programs.
type Problem struct {
	Type      string `json:"type" doc:"about:blank: code says it"`
	Title     string `json:"title" example:"Bad Request"`
	Status    int    `json:"status" minimum:"400" maximum:"599" example:"400"`
	Detail    string `json:"detail" example:"There is nothing here." doc:"For people: what is wrong and what would be right"`
	Code      string `json:"code" enum:"invalid,unauthenticated,forbidden,not_found,method_not_allowed,conflict,gone,too_large,unsupported_media,rate_limited,internal,unavailable"`
	Field     string `json:"field,omitempty" example:"text" doc:"The input at fault"`
	RequestID string `json:"request_id" minLength:"1" example:"K3X5MQ2AA4TEB7QN"`
}
