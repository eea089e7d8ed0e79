package dynamodb

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

// parts are those of a message, in one attribute.
type parts struct{ chat.Parts }

// MarshalDynamoDBAttributeValue implements attributevalue.Marshaler.
func (p parts) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberS{Value: p.Encode()}, nil
}

// UnmarshalDynamoDBAttributeValue implements attributevalue.Unmarshaler.
func (p *parts) UnmarshalDynamoDBAttributeValue(v types.AttributeValue) (err error) {
	s, ok := v.(*types.AttributeValueMemberS)
	if !ok {
		return fmt.Errorf("the parts of a message are a %T", v)
	}
	p.Parts, err = chat.DecodeParts(s.Value)
	return err
}
