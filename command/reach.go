package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// How long a Lanyard that was just started may take until it listens.
const startPatience = 20 * time.Second

// errNotThere means that nobody listens, which starting Lanyard helps against; every other error is told as it is.
var errNotThere = errors.New("Lanyard is not running")

// reach connects to the house, and starts one in the background where that is asked for and there is a display.
func reach(start bool) (net.Conn, error) {
	data, err := dataDirectory()
	if err != nil {
		return nil, err
	}
	house, err := dial(data)
	if err == nil || !errors.Is(err, errNotThere) {
		return house, err
	}
	if !start {
		return nil, errNotThere
	}
	if !hasDisplay() {
		return nil, errors.New("Lanyard is not running, and there is no display to open it on. Start it with: lanyard serve")
	}
	launcher, err := readLauncher(data)
	if errors.Is(err, errNotOurs) {
		return nil, err
	}
	if err != nil || launcher.App == nil {
		return nil, errors.New("Lanyard is not running. Open it and try again")
	}
	if err := startInBackground(*launcher.App); err != nil {
		return nil, fmt.Errorf("Lanyard could not be started: %w", err)
	}
	for deadline := time.Now().Add(startPatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if house, err = dial(data); err == nil || !errors.Is(err, errNotThere) {
			return house, err
		}
	}
	return nil, errors.New("Lanyard was started, but does not answer. Open it and look at what it says")
}

// launcher is the file in which the app says how it is started.
type launcher struct {
	App   *program `json:"app"`
	Serve *program `json:"serve"`
}

type program struct {
	File string   `json:"file"`
	Args []string `json:"args"`
}

func readLauncher(data string) (launcher, error) {
	var found launcher
	path := filepath.Join(data, "command", "launcher.json")
	file, err := os.Open(path)
	if err != nil {
		return found, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return found, err
	}
	// It names a program that we start.
	if !isOursAlone(info) {
		return found, fmt.Errorf("%s %w, so what it starts may not be Lanyard. Remove it and open Lanyard yourself", path, errNotOurs)
	}
	return found, json.NewDecoder(file).Decode(&found)
}

var errNotOurs = errors.New("is not a file that only you can change")

// dataDirectory is where everything of Lanyard's is kept; the same rule as src-main/data-directory.ts.
func dataDirectory() (string, error) {
	if chosen := os.Getenv("LANYARD_HOME"); chosen != "" {
		if !filepath.IsAbs(chosen) {
			return "", fmt.Errorf("The variable LANYARD_HOME is %q, which is not an absolute path.\nSet it to one that begins at the root directory, or unset it.", chosen)
		}
		return filepath.Clean(chosen), nil
	}
	if runtime.GOOS == "windows" {
		if roaming := os.Getenv("APPDATA"); roaming != "" {
			return filepath.Join(roaming, "Lanyard"), nil
		}
		return "", errors.New("the variable APPDATA is not set")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "Lanyard"), nil
	}
	if config := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(config) {
		return filepath.Join(config, "Lanyard"), nil
	}
	return filepath.Join(home, ".config", "Lanyard"), nil
}

func hasDisplay() bool {
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}
