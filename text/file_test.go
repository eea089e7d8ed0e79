package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/text"
)

// TestFileName: names that deceive, lead elsewhere or cannot be shown become plain ones.
func TestFileName(t *testing.T) {
	long := strings.Repeat("é", 300)
	for name, want := range map[string]string{
		"soup.jpg": "soup.jpg", "../../etc/passwd": "passwd", `C:\Users\mira\soup.jpg`: "soup.jpg", "": "file", "..": "file", "/": "file",
		".":              "file",
		"a\u202egpj.exe": "agpj.exe", "a\x00b\nc\td": "ab c d", "  soup  .jpg ": "soup .jpg", "zero\u200bwidth": "zerowidth", "\u2800": "file",
		"Ka\u0308se.txt": "Käse.txt", "漢字.pdf": "漢字.pdf", "\xff.txt": "\uFFFD.txt", ".env": ".env", `q"uote.txt`: `q"uote.txt`,
		long + ".jpg": strings.Repeat("é", 250) + "….jpg",
	} {
		got := text.FileName(name)
		if got != want {
			t.Errorf("%.40q becomes %.300q, want %.300q", name, got, want)
		}
		if n := utf8.RuneCountInString(got); n > text.FileNameLength || text.FileName(got) != got {
			t.Errorf("%.40q has %d characters, or changes again", got, n)
		}
	}
}
