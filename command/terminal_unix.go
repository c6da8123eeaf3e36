//go:build linux || darwin

package main

import (
	"os"
	"syscall"
	"unsafe"
)

func isTerminal(file *os.File) bool {
	var state syscall.Termios
	return control(file, getAttributes, unsafe.Pointer(&state)) == nil
}

// hideTyping turns the echo off; the returned function turns it on again.
func hideTyping(file *os.File) func() {
	var state syscall.Termios
	if control(file, getAttributes, unsafe.Pointer(&state)) != nil {
		return func() {}
	}
	silent := state
	silent.Lflag &^= syscall.ECHO
	control(file, setAttributes, unsafe.Pointer(&silent))
	return func() { control(file, setAttributes, unsafe.Pointer(&state)) }
}

func windowSize() *size {
	var cells struct{ Rows, Columns, X, Y uint16 }
	for _, file := range []*os.File{os.Stdout, os.Stderr, os.Stdin} {
		if control(file, syscall.TIOCGWINSZ, unsafe.Pointer(&cells)) == nil && cells.Columns > 0 {
			return &size{Columns: int(cells.Columns), Rows: int(cells.Rows)}
		}
	}
	return nil
}

func control(file *os.File, request uintptr, argument unsafe.Pointer) error {
	_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), request, uintptr(argument))
	if failed != 0 {
		return failed
	}
	return nil
}
