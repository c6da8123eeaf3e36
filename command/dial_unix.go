//go:build !windows

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// longestSocketPath is what fits into a socket's address everywhere, with its closing zero (104 bytes on macOS).
const longestSocketPath = 103

// socketDirectory is where the house listens; the same rule as src-main/command/socket-place.ts.
func socketDirectory(data string) string {
	inside := filepath.Join(data, "command")
	if len(filepath.Join(inside, "lanyard.sock")) <= longestSocketPath {
		return inside
	}
	sum := sha256.Sum256([]byte(data))
	name := "lanyard-" + hex.EncodeToString(sum[:8])
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(runtime) && len(filepath.Join(runtime, name, "lanyard.sock")) <= longestSocketPath {
		return filepath.Join(runtime, name)
	}
	return filepath.Join("/tmp", fmt.Sprintf("%s-%d", name, os.Getuid()))
}

func dial(data string) (net.Conn, error) {
	directory := socketDirectory(data)
	info, err := os.Lstat(directory)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errNotThere
	}
	if err != nil {
		return nil, err
	}
	// What we send is for the person's own Lanyard only.
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Getuid() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s is not a directory that only you can open, so what listens there may not be yours. Remove it and start Lanyard again", directory)
	}
	house, err := net.Dial("unix", filepath.Join(directory, "lanyard.sock"))
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return nil, errNotThere
	}
	if err != nil {
		return nil, err
	}
	return house, nil
}

// isOursAlone says whether nobody else can have written it.
func isOursAlone(info os.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Getuid() && info.Mode().IsRegular() && info.Mode().Perm()&0o022 == 0
}

// startInBackground leaves nothing of ours with it: no terminal, no streams, no place in our process group.
func startInBackground(what program) error {
	command := exec.Command(what.File, what.Args...)
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return command.Start()
}
