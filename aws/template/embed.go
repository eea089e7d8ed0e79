// Package template embeds what `canteen aws deploy` needs: the CloudFormation template, the IAM policies for deploying, and
// the package of the Lambda functions. make builds the package before the binary. After go build alone there is none, and
// Lambda returns ErrNoPackage.
//
// It imports the standard library alone.
package template

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// canteen-lambda.txt is always there, so that the pattern matches at least one file.
//
//go:embed template.yaml policy canteen-lambda.*
var files embed.FS

// ErrNoPackage means that this binary was built without make.
var ErrNoPackage = errors.New("this binary was built without the package of the functions: build it with make build, or use --package " +
	"FILE")

// Template returns the CloudFormation template.
func Template() ([]byte, error) { return files.ReadFile("template.yaml") }

// Lambda returns the functions' zip file for linux/arm64, or ErrNoPackage.
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
