package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// configuration reads a configuration file: one JSON object. Its names are the flags of serve, with _ in place of -, such as
// {"addr": "127.0.0.1:8080", "trusted_proxies": ["10.0.0.0/8"]}. An unknown name is an error: a typing mistake must not be
// ignored silently.
func configuration(r io.Reader) (kong.Resolver, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var values map[string]any
	if err := json.Unmarshal(b, &values); err != nil {
		return nil, fmt.Errorf("the configuration file is not a JSON object: %w", err)
	}
	return fileResolver{values}, nil
}

type fileResolver struct{ values map[string]any }

// Validate implements kong.Resolver.
func (f fileResolver) Validate(app *kong.Application) error {
	known := []string{}
	for _, c := range app.Children {
		if c.Name == "serve" {
			for _, flag := range c.Flags {
				known = append(known, fileName(flag.Name))
			}
		}
	}
	for name := range f.values {
		if !slices.Contains(known, name) {
			return fmt.Errorf("the configuration file has the unknown setting %q; known settings: %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// Resolve implements kong.Resolver.
func (f fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	v, ok := f.values[fileName(flag.Name)]
	if !ok {
		return nil, nil
	}
	if many, ok := v.([]any); ok {
		words := make([]string, len(many))
		for i, w := range many {
			words[i] = fmt.Sprint(w)
		}
		return strings.Join(words, ","), nil
	}
	return v, nil
}

func fileName(flag string) string { return strings.ReplaceAll(flag, "-", "_") }
