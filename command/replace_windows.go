package main

import (
	"os"
	"os/exec"
)

func replaceWith(file string, args []string) int {
	program := exec.Command(file, args...)
	program.Stdin, program.Stdout, program.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := program.Run(); program.ProcessState == nil {
		complain(err)
		return exitFailed
	}
	return program.ProcessState.ExitCode()
}
