package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const oldestNode = 20

// serve becomes the house without windows: plain Node on a script that is installed with this command.
func serve(args []string) int {
	what, err := serveProgram()
	if err != nil {
		complain(err)
		return exitFailed
	}
	return replaceWith(what.File, append(what.Args, args...))
}

func serveProgram() (program, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return program{}, errors.New("lanyard serve needs Node.js 20 or newer, and there is no node on the PATH. Install it and try again")
	}
	said, err := exec.Command(node, "--version").Output()
	if major := majorVersion(string(said)); err == nil && major < oldestNode {
		return program{}, errors.New("lanyard serve needs Node.js 20 or newer, and " + node + " is " + strings.TrimSpace(string(said)) + ". Put a newer one first on the PATH")
	}
	for _, script := range serveScripts() {
		if _, err := os.Stat(script); err == nil {
			return program{File: node, Args: []string{script}}, nil
		}
	}
	return program{}, noServeFiles(ownFolder())
}

// noServeFiles says what brings the script: in a checkout that is a step of the build, which the app's start does as well.
func noServeFiles(folder string) error {
	root := filepath.Join(folder, "..", "..")
	if folder != "" && isFile(filepath.Join(root, "vite.config.ts")) && isFile(filepath.Join(root, "package.json")) {
		return errors.New("the files of lanyard serve are not built in this checkout. Build them, in " + root + ": npx vite build --app")
	}
	return errors.New("the files of lanyard serve are not where this command was installed from. Install Lanyard again")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// ownFolder is where this program is, without links; nothing where that cannot be known.
func ownFolder() string {
	own, err := os.Executable()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(own); err == nil {
		own = real
	}
	return filepath.Dir(own)
}

// serveScripts are the places of the script: beside us in the package, in a checkout, and as the app has noted it.
func serveScripts() []string {
	var places []string
	if folder := ownFolder(); folder != "" {
		places = append(places,
			filepath.Join(folder, "..", "app.asar.unpacked", "dist", "serve", "serve.js"),
			filepath.Join(folder, "..", "serve", "serve.js"))
	}
	if data, err := dataDirectory(); err == nil {
		if noted, err := readLauncher(data); err == nil && noted.Serve != nil {
			places = append(places, noted.Serve.File)
		}
	}
	return places
}

func majorVersion(text string) int {
	major, err := strconv.Atoi(strings.SplitN(strings.TrimPrefix(strings.TrimSpace(text), "v"), ".", 2)[0])
	if err != nil {
		return 0
	}
	return major
}
