package rest

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// optional is a query parameter that may be absent. It tells an absent parameter from 0.
type optional[T any] struct {
	given T
	value *T
}

// Schema implements huma.SchemaProvider.
func (optional[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// Receiver implements huma.ParamWrapper.
func (o *optional[T]) Receiver() reflect.Value { return reflect.ValueOf(&o.given).Elem() }

// OnParamSet implements huma.ParamReactor.
func (o *optional[T]) OnParamSet(set bool, _ any) {
	if set {
		o.value = &o.given
	}
}
