//go:build !windows

package main

import (
	"os"
	"syscall"
)

func replaceWith(file string, args []string) int {
	complain(&os.PathError{Op: "run", Path: file, Err: syscall.Exec(file, append([]string{file}, args...), os.Environ())})
	return exitFailed
}
