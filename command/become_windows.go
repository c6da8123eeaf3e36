package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// become starts the program and stays until it has ended: Windows knows no exec. Ctrl+C goes to both of us, and we wait.
func become(house net.Conn, what instruction) int {
	environment := make([]string, 0, len(what.Environment))
	for _, each := range what.Environment {
		if each[0] == "PATH" || each[0] == "Path" {
			os.Setenv("PATH", each[1])
		}
		environment = append(environment, each[0]+"="+each[1])
	}
	program := exec.Command(what.File, what.Argv[1:]...)
	program.Env = environment
	program.Dir = what.Directory
	program.Stdin, program.Stdout, program.Stderr = os.Stdin, os.Stdout, os.Stderr
	signal.Ignore(os.Interrupt)
	if err := program.Start(); err != nil {
		writeFrame(house, reply{NotStart: err.Error()})
		if errors.Is(err, exec.ErrNotFound) {
			complain(errors.New(what.noSuchProgram()))
			return exitCannotBeFound
		}
		complain(err)
		return exitCannotExecute
	}
	writeFrame(house, reply{Started: program.Process.Pid})
	program.Wait()
	return program.ProcessState.ExitCode()
}

func isReset(err error) bool {
	return errors.Is(err, syscall.WSAECONNRESET)
}
