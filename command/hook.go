package main

import (
	_ "embed"
	"time"
)

//go:embed hook.bash
var hookBash string

//go:embed hook.zsh
var hookZsh string

//go:embed hook.fish
var hookFish string

// hooks are printed without the house: a shell that starts must neither wait for one nor start one.
var hooks = map[string]string{"bash": hookBash, "zsh": hookZsh, "fish": hookFish}

// directoryWords is what the hooks ask when a .lanyard file is new to them: before a prompt, so that nothing is started
// for it, and nothing is said by us.
const directoryWords = "__directory"

// A prompt waits no longer than this; the check of a login has its own limit of two seconds.
const promptPatience = 4 * time.Second
