package audit

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// Columns are the names of the columns of a CSV file.
func Columns() []string {
	return []string{"number", "time", "what", "user", "handle", "session", "token", "address", "of", "of_handle", "room", "details", "hash"}
}

// WriteCSV writes rows as a CSV file (RFC 4180). What a spreadsheet would take for a formula begins with an apostrophe.
func WriteCSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(Columns()); err != nil {
		return err
	}
	for _, r := range rows {
		cells := []string{
			strconv.FormatInt(r.N, 10), r.At.UTC().Format("2006-01-02T15:04:05.000Z"), r.What, r.By.ID, r.By.Handle, r.Session, r.Token,
			r.Address, r.Of.ID, r.Of.Handle, r.Room, r.details(), r.Hash.String(),
		}
		for i := range cells {
			cells[i] = defuse(cells[i])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// details are the details in one text.
func (r Row) details() string {
	var out []string
	for _, d := range r.Details {
		switch {
		case d.From != "":
			out = append(out, d.Name+": "+d.From+" → "+d.To)
		case d.To != "":
			out = append(out, d.Name+": "+d.To)
		default:
			out = append(out, d.Name)
		}
	}
	return strings.Join(out, "; ")
}

// defuse puts an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection).
func defuse(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}
