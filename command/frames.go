package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
)

// protocolVersion is raised when an older house could misunderstand us. `err` and `exit` stay what they are for good, so
// that either side can say which of them is too old.
const protocolVersion = 1

// longestFrame keeps a fault on the other side from filling our memory, in bytes.
const longestFrame = 16 << 20

// hello is all that the house needs to know to answer. It goes over a socket that only its owner can open.
type hello struct {
	Lanyard     int         `json:"lanyard"`
	Version     string      `json:"version"`
	Argv        []string    `json:"argv"`
	Directory   string      `json:"cwd"`
	Terminal    terminal    `json:"tty"`
	Size        *size       `json:"size,omitempty"`
	Environment [][2]string `json:"environment"`
	Pid         int         `json:"pid"`
}

type terminal struct {
	In  bool `json:"in"`
	Out bool `json:"out"`
	Err bool `json:"err"`
}

type size struct {
	Columns int `json:"columns"`
	Rows    int `json:"rows"`
}

// instruction is what the house wants done; which fields count depends on Do.
type instruction struct {
	Do string `json:"do"`
	// out and err: base64 in JSON.
	Bytes []byte `json:"bytes"`
	// ask
	ID     int    `json:"id"`
	Prompt string `json:"prompt"`
	Hidden bool   `json:"hidden"`
	// read
	Most int `json:"most"`
	// exec
	File        string      `json:"file"`
	Argv        []string    `json:"argv"`
	Environment [][2]string `json:"environment"`
	Directory   string      `json:"cwd"`
	// What helps where there is no such program.
	Missing string `json:"missing"`
	// exit
	Code int `json:"code"`
}

// reply is what the house is told after hello.
type reply struct {
	// Which question this answers.
	Answer int `json:"answer,omitempty"`
	// nil where nobody will answer: no terminal, or its end.
	Text *string `json:"text,omitempty"`
	// What stood on our input; nil when it was more than asked for.
	Input    []byte `json:"input,omitempty"`
	TooLong  bool   `json:"tooLong,omitempty"`
	IsInput  bool   `json:"isInput,omitempty"`
	Started  int    `json:"started,omitempty"`
	NotStart string `json:"notStarted,omitempty"`
}

func writeFrame(to io.Writer, value interface{}) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	frame := make([]byte, 4, 4+len(text))
	binary.BigEndian.PutUint32(frame, uint32(len(text)))
	_, err = to.Write(append(frame, text...))
	return err
}

func readFrame(from io.Reader, into interface{}) error {
	var head [4]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length > longestFrame {
		return errors.New("an answer that is too long")
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(from, text); err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
