// The lanyard command: it finds the running Lanyard, tells it what was typed, and does as it is told. It decides nothing
// by itself, so that every rule stands once, in src-main/command.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// version is put in by the build.
var version = "development"

//go:embed usage.txt
var usage string

// helpTexts has each command's help, as src-main/command has it; a test there keeps them the same.
//
//go:embed help.txt
var helpTexts string

// Exit codes of our own (docs/command.md). What a program that we became ends with is its own.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
	// Launches keep 125 to 127 for us, as env and docker do, so that a program's own codes stay apart.
	exitLaunchFailed  = 125
	exitCannotExecute = 126
	exitInterrupted   = 130
	exitCannotBeFound = 127
)

func main() {
	os.Exit(run(argumentsOf(os.Args)))
}

// argumentsOf puts in front what we are asked for by the name that we are started under: git and docker look for
// programs whose names say what they are.
func argumentsOf(argv []string) []string {
	if len(argv) == 0 {
		return nil
	}
	args := argv[1:]
	name := strings.TrimSuffix(filepath.Base(argv[0]), ".exe")
	for _, tool := range []string{"git", "docker"} {
		if name == tool+"-credential-lanyard" && !contains(args, "--version") {
			return append([]string{"credential", tool}, args...)
		}
	}
	return args
}

func run(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return exitUsage
	}
	switch args[0] {
	case "help", "--help", "-h":
		if len(args) == 1 {
			fmt.Print(usage)
			return 0
		}
		args = append(append([]string{args[1]}, "--help"), args[2:]...)
	case "version", "--version", "-v":
		fmt.Println("lanyard " + version)
		return 0
	case "--peer":
		return tellPeer()
	case "hook":
		if len(args) == 2 && hooks[args[1]] != "" {
			fmt.Print(hooks[args[1]])
			return 0
		}
	case "completion":
		if len(args) == 2 && completions[args[1]] != "" {
			fmt.Print(completions[args[1]])
			return 0
		}
	case "serve":
		if !contains(args[1:], "--stop") && !asksForHelp(args[1:]) {
			return serve(args[1:])
		}
	}
	if help := helpOf(args[0]); help != "" && asksForHelp(args[1:]) {
		fmt.Print(help)
		return 0
	}
	known := isWord(args[0])
	unreachable := exitUnreachable
	if args[0] == "run" || args[0] == "shell" {
		unreachable = exitLaunchFailed
	}
	house, err := reach(known && mayStart(args))
	if err != nil {
		if !known && errors.Is(err, errNotThere) && !strings.HasPrefix(args[0], "__") {
			complain(fmt.Errorf("There is no command %q.\nlanyard --help lists them.", args[0]))
			return exitUsage
		}
		if args[0] == completionWords {
			return 0
		}
		if args[0] == directoryWords {
			return exitUnreachable
		}
		complain(err)
		return unreachable
	}
	if args[0] == directoryWords {
		// One that cannot be had leaves us waiting, as without it.
		_ = house.SetDeadline(time.Now().Add(promptPatience))
	}
	return converse(house, args, unreachable)
}

func asksForHelp(args []string) bool {
	own := untilDashes(args)
	return contains(own, "--help") || contains(own, "-h")
}

// helpOf is what a command's help prints; nothing for a word that has none here.
func helpOf(word string) string {
	for _, section := range strings.Split("\n"+helpTexts, "\n== ") {
		if name, text, found := strings.Cut(section, "\n"); found && name == word {
			return strings.TrimRight(text, "\n") + "\n"
		}
	}
	return ""
}

// isWord says whether our help has it: nothing is started for a slip of the finger.
func isWord(word string) bool {
	for _, line := range strings.Split(usage, "\n") {
		if strings.HasPrefix(line, "  "+word+" ") && word != "lanyard" {
			return true
		}
	}
	return false
}

// completionWords is what completion scripts ask: a Tab starts nothing and says nothing.
const completionWords = "__complete"

// mayStart says whether this is worth starting Lanyard for: not for ending it, and not for what only asks about itself.
func mayStart(args []string) bool {
	switch args[0] {
	case completionWords, directoryWords, "serve", "completion", "hook":
		return false
	}
	return !contains(untilDashes(args), "--help")
}

func untilDashes(args []string) []string {
	for index, each := range args {
		if each == "--" {
			return args[:index]
		}
	}
	return args
}

func contains(list []string, wanted string) bool {
	for _, each := range list {
		if each == wanted {
			return true
		}
	}
	return false
}

// complain says what is wrong in our way: on stderr, with our name.
func complain(err error) {
	fmt.Fprintf(os.Stderr, "lanyard: %s\n", err)
}
