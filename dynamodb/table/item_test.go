package table

import "testing"

// TestLongNamesFitIntoKeys checks names of 2,640 bytes, the length of eighty letters after folding.
func TestLongNamesFitIntoKeys(t *testing.T) {
	long := make([]byte, 2640)
	for i := range long {
		long[i] = 'x'
	}
	other := append([]byte("y"), long[1:]...)
	if a, b := KeyName(string(long)), KeyName(string(other)); len(a) > MaxKeyName || a == b {
		t.Errorf("%d bytes, equal: %v", len(a), a == b)
	}
	if KeyName("lunch") != "lunch" {
		t.Error("a short name was changed")
	}
}
