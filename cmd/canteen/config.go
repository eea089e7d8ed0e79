package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// configFile is the name of a configuration file: one JSON object. Its names are the flags of serve, with _ in place of -, such as
// {"addr": "127.0.0.1:8080", "trusted_proxies": ["10.0.0.0/8"]}. An unknown name is an error: a typing mistake must not be
// ignored silently.
type configFile string

// BeforeResolve implements kong's hook of a flag: the file's values hold where neither the command line nor the environment says others.
func (configFile) BeforeResolve(c *kong.Context, at *kong.Path) error {
	name := fmt.Sprint(c.FlagValue(at.Flag))
	values, err := readConfig(name)
	if err != nil {
		return fmt.Errorf("--config %s: %w", name, err)
	}
	c.AddResolver(fileResolver{name, values})
	return nil
}

func readConfig(name string) (map[string]any, error) {
	b, err := os.ReadFile(name) // #nosec G304 -- the operator names the file
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return nil, fmt.Errorf("the file cannot be read: %w", e.Err)
	} else if err != nil {
		return nil, err
	}
	var values map[string]any
	err = json.Unmarshal(b, &values)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + strings.Count(string(b[:e.Offset]), "\n")
		return nil, fmt.Errorf("line %d is not JSON: %w", line, err)
	} else if err != nil || values == nil {
		return nil, errors.New(`the file must hold a JSON object, such as {"addr": "127.0.0.1:8080"}`)
	}
	return values, nil
}

type fileResolver struct {
	file   string
	values map[string]any
}

// Validate implements kong.Resolver.
func (f fileResolver) Validate(app *kong.Application) error {
	known := fileNames(app)
	for name := range f.values {
		if !slices.Contains(known, name) {
			return fmt.Errorf("--config %s: there is no setting %q; the settings are %s", f.file, name, strings.Join(known, ", "))
		}
	}
	return nil
}

// fileNames are the names that a configuration file may have.
func fileNames(app *kong.Application) []string {
	var names []string
	for _, c := range app.Children {
		if c.Name != "serve" {
			continue
		}
		for _, flag := range c.Flags {
			if flag.Name != "config" {
				names = append(names, fileName(flag.Name))
			}
		}
	}
	return names
}

// Resolve implements kong.Resolver.
func (f fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	name := fileName(flag.Name)
	v, ok := f.values[name]
	if !ok || inEnvironment(flag) { // kong would prefer the file
		return nil, nil
	}
	var fits bool
	kind := "a string"
	switch flag.Target.Kind() {
	case reflect.Bool:
		kind = "true or false"
		_, fits = v.(bool)
	case reflect.Slice:
		kind = "a list of strings"
		v, fits = joined(v)
	default:
		_, fits = v.(string)
	}
	if !fits {
		return nil, fmt.Errorf("%q in %s must be %s", name, f.file, kind)
	}
	return v, nil
}

func inEnvironment(flag *kong.Flag) bool {
	return slices.ContainsFunc(flag.Envs, func(name string) bool { _, ok := os.LookupEnv(name); return ok })
}

// joined is a string, or a list of strings, as the command line has it.
func joined(v any) (any, bool) {
	many, ok := v.([]any)
	if !ok {
		_, ok = v.(string)
		return v, ok
	}
	words := make([]string, len(many))
	for i, w := range many {
		if words[i], ok = w.(string); !ok {
			return nil, false
		}
	}
	return strings.Join(words, ","), true
}

func fileName(flag string) string { return strings.ReplaceAll(flag, "-", "_") }
