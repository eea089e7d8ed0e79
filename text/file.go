package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FileNameLength is the maximum length of a file's name, in code points.
const FileNameLength = 255

// FileName gives the form in which the name of a file is stored: what comes after the last / or \, in NFC, without control, bidirectional
// and invisible characters, with single spaces, at most 255 code points, of which those at the end are kept with its extension. What is
// left of no name is "file".
func FileName(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Join(strings.FieldsFunc(strings.Map(shownInName, norm.NFC.String(s)), space), " ")
	if n := utf8.RuneCountInString(s); n > FileNameLength {
		ext := ""
		if i := strings.LastIndexByte(s, '.'); i >= 0 && len(s)-i <= 16 {
			ext = s[i:]
		}
		s = Truncate(strings.TrimSuffix(s, ext), FileNameLength-1-utf8.RuneCountInString(ext)) + "…" + ext
	}
	if strings.Trim(s, ". ") == "" {
		return "file"
	}
	return s
}

// shownInName maps line breaks and tabs to spaces and drops what is not shown.
func shownInName(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r) || ignorable(r) && !joins(r) || unicode.Is(unicode.Cf, r) && !joins(r):
		return -1
	}
	return r
}
