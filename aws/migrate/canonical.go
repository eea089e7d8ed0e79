package migrate

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// canonical appends the canonical encoding of a value, which is the same for all stores. A missing list equals an empty one,
// times are milliseconds, and texts are preceded by their length, so that different values have different encodings.
func canonical(b []byte, v reflect.Value) []byte {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return append(strconv.AppendInt(b, v.Interface().(time.Time).UnixMilli(), 10), 't')
	}
	switch v.Kind() {
	case reflect.String:
		b = strconv.AppendInt(b, int64(v.Len()), 10)
		return append(append(b, ':'), v.String()...)
	case reflect.Bool:
		return append(strconv.AppendBool(b, v.Bool()), ';')
	case reflect.Int, reflect.Int64:
		return append(strconv.AppendInt(b, v.Int(), 10), ';')
	case reflect.Float64:
		return append(strconv.AppendFloat(b, v.Float(), 'g', -1, 64), ';')
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, '-')
		}
		return canonical(append(b, '+'), v.Elem())
	case reflect.Slice:
		b = append(strconv.AppendInt(b, int64(v.Len()), 10), '[')
		for i := range v.Len() {
			b = canonical(b, v.Index(i))
		}
		return append(b, ']')
	case reflect.Array: // of bytes: the hash of a secret
		for i := range v.Len() {
			b = hex.AppendEncode(b, []byte{byte(v.Index(i).Uint())}) // #nosec G115 -- elements are bytes
		}
		return append(b, 'x')
	case reflect.Struct:
		b = append(b, '{')
		for i := range v.NumField() {
			b = canonical(b, v.Field(i))
		}
		return append(b, '}')
	}
	panic(fmt.Sprintf("migrate: a record holds a %s, which has no canonical encoding", v.Type())) // the kinds of records are fixed
}
