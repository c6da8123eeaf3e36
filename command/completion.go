package main

import _ "embed"

//go:embed completion.bash
var completionBash string

//go:embed completion.zsh
var completionZsh string

//go:embed completion.fish
var completionFish string

// completions are printed without the house, as hooks are: every shell that starts reads one.
var completions = map[string]string{"bash": completionBash, "zsh": completionZsh, "fish": completionFish}
