// Package alarm decides when somebody must be told that a server is unwell. It has the table of the rules, what they look at, the state of
// each alarm, and what each way of telling must say next.
//
// All of it is pure: it gets the time and the measurements, and sends nothing. One Watch is for one goroutine at a time. An alarm is told
// at least once by each way, repeated while it lasts, and told once when it is over; a restart of the program does not tell it again, as
// long as the state is kept.
//
// The package may import card.
package alarm
