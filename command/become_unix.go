//go:build !windows

package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// become makes this very process the program: its streams, its terminal, its signals and its exit code are true because
// nobody stands between. The house knows that it worked by the socket, which closes with it.
func become(house net.Conn, what instruction) int {
	environment := make([]string, 0, len(what.Environment))
	search := ""
	for _, each := range what.Environment {
		environment = append(environment, each[0]+"="+each[1])
		if each[0] == "PATH" {
			search = each[1]
		}
	}
	if what.Directory != "" {
		if err := os.Chdir(what.Directory); err != nil {
			return notBecome(house, exitLaunchFailed, err)
		}
	}
	candidates := []string{what.File}
	if !strings.Contains(what.File, "/") {
		candidates = candidates[:0]
		for _, folder := range strings.Split(search, ":") {
			candidates = append(candidates, filepath.Join(folder, what.File))
		}
	}
	// As execvp does: the first that can be started; a file that may not be is remembered while others are tried.
	var refused error
	for _, file := range candidates {
		err := syscall.Exec(file, what.Argv, environment)
		if errors.Is(err, syscall.ENOEXEC) {
			// A script without a first line that names its program.
			err = syscall.Exec("/bin/sh", append([]string{"/bin/sh", file}, what.Argv[1:]...), environment)
		}
		switch {
		case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENOTDIR):
			if refused == nil && isThere(file) {
				// What its first line names is not there.
				refused = err
			}
		case errors.Is(err, syscall.EACCES):
			refused = err
		default:
			return notBecome(house, exitCannotExecute, &os.PathError{Op: "run", Path: file, Err: err})
		}
	}
	if refused != nil {
		return notBecome(house, exitCannotExecute, &os.PathError{Op: "run", Path: what.File, Err: refused})
	}
	return notBecome(house, exitCannotBeFound, errors.New(what.noSuchProgram()))
}

func isThere(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular()
}

func notBecome(house net.Conn, code int, err error) int {
	writeFrame(house, reply{NotStart: err.Error()})
	complain(err)
	return code
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
