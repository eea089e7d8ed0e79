// Package files keeps what people upload: it takes uploads in parts, looks at what arrived, and gives bodies to those who may see them.
//
// The rules are in package chat, which has a row for each file: who uploaded it, and which message it belongs to. The bytes are in a
// [Bodies], which knows nothing of people. The key of a body is the id of its file; its thumbnails are at the same id with their size.
// So no body needs a row of its own: whoever has the row can find all bodies, and whoever finds a body can look for the row.
//
// A file becomes ready only when its whole body is stored and its metadata is gone. A crash at any moment leaves either a file that is not
// ready, whose upload can go on, or bodies without a row, which are deleted after a while.
//
// The package may import chat and picture.
package files
