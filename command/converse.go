package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
)

// converse tells the house what was typed, then follows it until it says how to end.
func converse(house net.Conn, args []string, lost int) int {
	directory, err := os.Getwd()
	if err != nil {
		// It was removed. Nothing above it can name an identity, and the program stays in it.
		directory = "/"
	}
	greeting := hello{
		Lanyard:     protocolVersion,
		Version:     version,
		Argv:        args,
		Directory:   directory,
		Terminal:    terminal{In: isTerminal(os.Stdin), Out: isTerminal(os.Stdout), Err: isTerminal(os.Stderr)},
		Size:        windowSize(),
		Environment: pairs(os.Environ()),
		Pid:         os.Getpid(),
	}
	// When this fails, the house may have said why before it hung up.
	_ = writeFrame(house, greeting)
	input := &input{house: house}
	defer input.restore()
	for {
		var next instruction
		if err := readFrame(house, &next); err != nil {
			hungUp := errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || isReset(err)
			if hungUp && stopsServe(args) {
				// Somebody else was faster: it comes to what was asked for.
				os.Stderr.WriteString("Lanyard ends already.\n")
				return 0
			}
			if hungUp {
				complain(errors.New("Lanyard ended, or hung up, before it had answered. Try again"))
			} else {
				complain(err)
			}
			return lost
		}
		switch next.Do {
		case "out":
			if _, err := os.Stdout.Write(next.Bytes); err != nil {
				// Whoever read us has gone: what is left has no reader either.
				return exitFailed
			}
		case "err":
			os.Stderr.Write(next.Bytes)
		case "ask":
			go input.ask(next)
		case "read":
			go input.readAll(next.Most)
		case "exec":
			input.restore()
			return become(house, next.asGiven(args, os.Environ(), directory))
		case "exit":
			return next.Code
		default:
			complain(errors.New("Lanyard wants something that this version of the command does not know: " + next.Do +
				". Install the command again under Settings > Command line"))
			return lost
		}
	}
}

func stopsServe(args []string) bool {
	return len(args) > 1 && args[0] == "serve" && contains(args[1:], "--stop")
}

// asGiven puts back what JSON could not carry: bytes that are no UTF-8 in arguments and variables that the house passes on
// as we sent them, and the directory, which we are in already. Its path may be gone, or lead elsewhere by now.
func (what instruction) asGiven(args []string, environment []string, directory string) instruction {
	if what.Directory == asSent(directory) {
		what.Directory = ""
	}
	if own := len(args) - len(what.Argv); own >= 0 && len(what.Argv) > 0 && sameAsSent(args[own:], what.Argv) {
		if what.File == what.Argv[0] {
			what.File = args[own]
		}
		what.Argv = args[own:]
	}
	own := make(map[string]string, len(environment))
	for _, each := range pairs(environment) {
		own[each[0]] = each[1]
	}
	variables := make([][2]string, len(what.Environment))
	for index, each := range what.Environment {
		if value, ok := own[each[0]]; ok && asSent(value) == each[1] {
			each[1] = value
		}
		variables[index] = each
	}
	what.Environment = variables
	return what
}

func (what instruction) noSuchProgram() string {
	text := what.File + ": there is no such program"
	if what.Missing != "" {
		text += "\n" + what.Missing
	}
	return text
}

// asSent is what arrives of a text: each byte that is no UTF-8 becomes the sign for that.
func asSent(text string) string { return string([]rune(text)) }

func sameAsSent(given, got []string) bool {
	for index := range given {
		if asSent(given[index]) != got[index] {
			return false
		}
	}
	return true
}

// pairs keeps what os.Environ has, names with "=" at their head (Windows) included.
func pairs(environment []string) [][2]string {
	all := make([][2]string, 0, len(environment))
	for _, each := range environment {
		if each == "" {
			continue
		}
		at := strings.Index(each[1:], "=")
		if at >= 0 {
			all = append(all, [2]string{each[:at+1], each[at+2:]})
		}
	}
	return all
}

// input is our standard input, read for the house only when it asks.
type input struct {
	house net.Conn
	lines *bufio.Reader
	undo  func()
}

// ask puts a question on stderr and sends the line that is typed. Only a hidden answer needs a terminal.
func (input *input) ask(question instruction) {
	os.Stderr.WriteString(question.Prompt)
	if input.lines == nil {
		input.lines = bufio.NewReader(os.Stdin)
	}
	if question.Hidden && isTerminal(os.Stdin) {
		input.undo = hideTyping(os.Stdin)
		// Ctrl+C would leave the terminal as it is.
		signal.Notify(interrupts, os.Interrupt)
		go func() {
			<-interrupts
			input.restore()
			os.Exit(exitInterrupted)
		}()
	}
	line, err := input.lines.ReadString('\n')
	hidden := input.undo != nil
	input.restore()
	// Where no Enter was shown, what comes next would stand behind the question.
	if hidden || err != nil {
		os.Stderr.WriteString("\n")
	}
	answer := reply{Answer: question.ID}
	if err == nil || line != "" {
		text := strings.TrimRight(line, "\r\n")
		answer.Text = &text
	}
	writeFrame(input.house, answer)
}

var interrupts = make(chan os.Signal, 1)

func (input *input) restore() {
	if input.undo != nil {
		input.undo()
		input.undo = nil
	}
}

// readAll sends everything on our input, for protocols that put their question there.
func (input *input) readAll(most int) {
	bytes, err := io.ReadAll(io.LimitReader(os.Stdin, int64(most)+1))
	if err != nil || len(bytes) > most {
		writeFrame(input.house, reply{IsInput: true, TooLong: true})
		return
	}
	writeFrame(input.house, reply{IsInput: true, Input: bytes})
}
