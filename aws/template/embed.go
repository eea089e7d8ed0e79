// Package template holds what `canteen aws deploy` brings along: the CloudFormation template, the rights that deploying needs, and
// the package of the Lambda functions, which make builds before the binary. Without a build (go build alone) there is no
// package, and Lambda says so.
//
// It imports the standard library alone.
package template

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// The text file is always there, so that the pattern of the package matches something.
//
//go:embed template.yaml policy.json canteen-lambda.*
var files embed.FS

// ErrNoPackage is Lambda's when this binary was built without make.
var ErrNoPackage = errors.New("this binary was built without the package of the functions: build it with make build, or give --package " +
	"FILE")

// Template is the CloudFormation template.
func Template() ([]byte, error) { return files.ReadFile("template.yaml") }

// Policy is the IAM policy of whoever deploys.
func Policy() ([]byte, error) { return files.ReadFile("policy.json") }

// Lambda is the zip file of the functions, for linux/arm64. ErrNoPackage when there is none.
func Lambda() ([]byte, error) {
	b, err := files.ReadFile("canteen-lambda.zip")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoPackage
	}
	if err != nil {
		return nil, fmt.Errorf("package of the functions: %w", err)
	}
	return b, nil
}
