package picture

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"strings"
)

// HeadSize is how many of a file's first bytes Sniff uses.
const HeadSize = 4096

// Format is what a file is. Inline says that browsers may show it in place, because it can neither run nor contain scripts.
type Format struct {
	Type   string
	Kind   Kind
	Inline bool
}

// Sniff says what a file is from its first bytes. A claimed type counts only where the bytes do not decide, and never makes a file inline.
func Sniff(head []byte, claim string) Format {
	head = head[:min(len(head), HeadSize)]
	if f := signature(head); f.Type != "" {
		return f
	}
	detected, _, _ := strings.Cut(http.DetectContentType(head), ";")
	claim = cleanType(claim)
	switch {
	case claim == "", hasSignature(claim), detected == "text/html", detected == "text/xml", detected == "application/pdf":
		if detected == "text/xml" && claim == "image/svg+xml" {
			detected = claim
		}
		return Format{Type: detected, Kind: Other}
	}
	return Format{Type: claim, Kind: Other}
}

// signature recognises the formats that are shown, and their relatives that are not. It returns the zero Format for all others.
func signature(b []byte) Format {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return Format{"image/png", Image, true}
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return Format{"image/jpeg", Image, true}
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return Format{"image/gif", Image, true}
	case isRIFF(b, "WEBP"):
		return Format{"image/webp", Image, true}
	case isRIFF(b, "WAVE"):
		return Format{"audio/wav", Audio, true}
	case bytes.HasPrefix(b, []byte("OggS\x00")):
		return ogg(b)
	case bytes.HasPrefix(b, []byte("ID3")), isMP3(b):
		return Format{"audio/mpeg", Audio, true}
	case bytes.HasPrefix(b, []byte("\x1a\x45\xdf\xa3")):
		return matroska(b)
	case len(b) >= 16 && string(b[4:8]) == "ftyp":
		return brand(b)
	}
	return Format{}
}

func isRIFF(b []byte, form string) bool {
	return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == form
}

// isMP3 recognises the header of an MPEG layer III frame.
func isMP3(b []byte) bool {
	return len(b) >= 4 && b[0] == 0xff && b[1]&0xe0 == 0xe0 && b[1]>>1&3 == 1 && b[1]>>3&3 != 1 && b[2]>>4 != 15 && b[2]>>2&3 != 3
}

// ogg distinguishes sound from video, which browsers no longer play.
func ogg(b []byte) Format {
	if bytes.Contains(b, []byte("\x80theora")) {
		return Format{"video/ogg", Other, false}
	}
	return Format{"audio/ogg", Audio, true}
}

// matroska recognises WebM. Its tracks stand in front: without one of video the file is sound, as recorded voice messages are.
func matroska(b []byte) Format {
	if !bytes.Contains(b[:min(len(b), 64)], []byte("webm")) {
		return Format{"video/x-matroska", Other, false}
	}
	if bytes.Contains(b, []byte("A_")) && !bytes.Contains(b, []byte("V_")) {
		return Format{"audio/webm", Audio, true}
	}
	return Format{"video/webm", Video, true}
}

// brand reads the ftyp box of ISO/IEC 14496-12, which MP4, QuickTime and HEIC share.
func brand(b []byte) Format {
	end := min(int(min(binary.BigEndian.Uint32(b), HeadSize)), len(b))
	if end < 16 {
		return Format{}
	}
	major := string(b[8:12])
	switch {
	case major == "qt  ":
		return Format{"video/quicktime", Video, false}
	case major == "M4A " || major == "M4B ":
		return Format{"audio/mp4", Audio, true}
	case major == "avif" || major == "avis":
		return Format{"image/avif", Other, false}
	case major == "mif1" || major == "msf1" || strings.HasPrefix(major, "hei") || strings.HasPrefix(major, "hev"):
		return Format{"image/heic", Other, false}
	case strings.HasPrefix(major, "3g"):
		return Format{"video/3gpp", Other, false}
	}
	for at := 8; at+4 <= end; at += 4 {
		name := string(b[at : at+4])
		if strings.HasPrefix(name, "iso") || strings.HasPrefix(name, "mp4") || name == "avc1" || name == "M4V " {
			return Format{"video/mp4", Video, true}
		}
	}
	return Format{"application/octet-stream", Other, false}
}

// hasSignature says that Sniff recognises a type by its bytes, so that other bytes cannot be of it.
func hasSignature(name string) bool {
	switch name {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/heic", "audio/wav", "audio/ogg", "audio/mpeg",
		"audio/webm", "audio/mp4", "video/webm", "video/mp4", "video/quicktime", "video/ogg", "video/3gpp", "video/x-matroska",
		"application/pdf":
		return true
	}
	return false
}

// cleanType is a media type in lower case and without parameters (RFC 9110, section 8.3.1), or "" if the claim is none.
func cleanType(claim string) string {
	claim, _, _ = strings.Cut(claim, ";")
	claim = strings.ToLower(strings.TrimSpace(claim))
	top, sub, ok := strings.Cut(claim, "/")
	if !ok || top == "" || sub == "" || len(claim) > 100 {
		return ""
	}
	for _, c := range top + sub {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("!#$&-^_.+", c) {
			return ""
		}
	}
	return claim
}
