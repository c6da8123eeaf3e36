package main

import (
	"os"
	"syscall"
)

var (
	kernel          = syscall.NewLazyDLL("kernel32.dll")
	setConsoleMode  = kernel.NewProc("SetConsoleMode")
	enableEchoInput = uint32(0x0004)
)

func isTerminal(file *os.File) bool {
	var mode uint32
	return syscall.GetConsoleMode(syscall.Handle(file.Fd()), &mode) == nil
}

func hideTyping(file *os.File) func() {
	handle := syscall.Handle(file.Fd())
	var mode uint32
	if syscall.GetConsoleMode(handle, &mode) != nil {
		return func() {}
	}
	setConsoleMode.Call(uintptr(handle), uintptr(mode&^enableEchoInput))
	return func() { setConsoleMode.Call(uintptr(handle), uintptr(mode)) }
}

func windowSize() *size { return nil }
