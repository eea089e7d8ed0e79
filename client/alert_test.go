package client_test

import (
	"testing"

	"github.com/canteen-chat/canteen/internal/devices"
	"github.com/canteen-chat/canteen/internal/world"
)

// TestAlerts: whom new messages alert, and on which device.
func TestAlerts(t *testing.T) {
	w := world.OpenFast(t)
	var people []devices.Person
	for _, h := range []string{"ada", "jonas", "mira", "kim"} {
		people = append(people, devices.Person{Handle: h, ID: w.ID[h], Token: w.Token[h]})
	}
	devices.Alerts(t, machineOf{w}, people, true)
}

// machineOf is a world as a devices.Home.
type machineOf struct{ *world.World }

func (m machineOf) URL() string                            { return m.World.URL }
func (m machineOf) AddToken(handle string) (string, error) { return m.Token[handle], nil }
func (m machineOf) Close() error                           { return nil }
