package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestFramesArriveAsTheyWereSent(t *testing.T) {
	var wire bytes.Buffer
	sent := reply{Answer: 3, Input: []byte{0, 255, 10}}
	if err := writeFrame(&wire, sent); err != nil {
		t.Fatal(err)
	}
	var got reply
	if err := readFrame(&wire, &got); err != nil || !reflect.DeepEqual(got, sent) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestAFrameThatIsTooLongIsRefusedByItsHead(t *testing.T) {
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], longestFrame+1)
	var got instruction
	if err := readFrame(bytes.NewReader(head[:]), &got); err == nil {
		t.Fatal("it was taken")
	}
}

func TestTheEnvironmentIsTakenApart(t *testing.T) {
	got := pairs([]string{"A=1", "B=", "C=x=y", "", "=C:=C:\\", "no pair"})
	want := [][2]string{{"A", "1"}, {"B", ""}, {"C", "x=y"}, {"=C:", "C:\\"}}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q", got)
	}
}

func TestWhatJSONCannotCarryIsPutBack(t *testing.T) {
	args := []string{"run", "--", "caf\xe9", "\xff\xfe"}
	what := instruction{
		File:        "caf\ufffd",
		Argv:        []string{"caf\ufffd", "\ufffd\ufffd"},
		Environment: [][2]string{{"NAME", "a\ufffd"}, {"OTHER", "\ufffd"}, {"NEW", "\ufffd"}},
		Directory:   "/here",
	}
	got := what.asGiven(args, []string{"NAME=a\x80", "OTHER=b"}, "/here")
	want := instruction{
		File:        "caf\xe9",
		Argv:        []string{"caf\xe9", "\xff\xfe"},
		Environment: [][2]string{{"NAME", "a\x80"}, {"OTHER", "\ufffd"}, {"NEW", "\ufffd"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v", got)
	}
	other := instruction{File: "/bin/zsh", Argv: []string{"zsh"}, Directory: "/there"}
	if got := other.asGiven([]string{"shell"}, nil, "/here"); got.File != "/bin/zsh" || got.Argv[0] != "zsh" || got.Directory != "/there" {
		t.Fatalf("%+v", got)
	}
}

func TestAProgramIsNotStartedOnAnothersWord(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the folder's own access list has to do")
	}
	data := t.TempDir()
	path := filepath.Join(data, "command", "launcher.json")
	os.MkdirAll(filepath.Dir(path), 0o700)
	os.WriteFile(path, []byte(`{"app":{"file":"/bin/true","args":[]}}`), 0o600)
	if found, err := readLauncher(data); err != nil || found.App == nil {
		t.Fatalf("%v, %v", found, err)
	}
	os.Chmod(path, 0o666)
	if found, err := readLauncher(data); !errors.Is(err, errNotOurs) || found.App != nil {
		t.Fatalf("one that anybody can write: %v, %v", found, err)
	}
	os.Chmod(path, 0o600)
	if os.Getuid() != 0 {
		t.Skip("only root can give a file away")
	}
	os.Chown(path, 65534, 65534)
	if found, err := readLauncher(data); !errors.Is(err, errNotOurs) || found.App != nil {
		t.Fatalf("somebody else's: %v, %v", found, err)
	}
}

func TestWhatIsWorthStartingLanyardFor(t *testing.T) {
	for _, each := range []struct {
		args []string
		want bool
	}{
		{[]string{"run", "--", "tool", "--help"}, true},
		{[]string{"status"}, true},
		{[]string{"run", "--help"}, false},
		{[]string{"serve", "--stop"}, false},
		{[]string{"completion", "bash"}, false},
		{[]string{completionWords, "run"}, false},
	} {
		if got := mayStart(each.args); got != each.want {
			t.Errorf("%q: %v", each.args, got)
		}
	}
}

func TestWordsThatTheHouseWouldNotKnowStartNothing(t *testing.T) {
	for word, want := range map[string]bool{"run": true, "connect": true, "serve": true, "conect": false, "-x": false, "lanyard": false} {
		if got := isWord(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
	t.Setenv("LANYARD_HOME", t.TempDir())
	if got := run([]string{"conect", "codex"}); got != exitUsage {
		t.Error(got)
	}
	if got := run([]string{"version"}); got != 0 {
		t.Error(got)
	}
}

func TestEveryWordOfTheUsageHasItsHelp(t *testing.T) {
	words := 0
	for _, line := range strings.Split(usage, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || !isWord(fields[0]) {
			continue
		}
		words++
		if help := helpOf(fields[0]); !strings.HasPrefix(help, "Usage: lanyard "+fields[0]) {
			t.Errorf("%s: %q", fields[0], help)
		}
	}
	if words < 16 || helpOf("") != "" || helpOf("nothing") != "" {
		t.Error(words)
	}
}

func TestTheNameThatItIsStartedUnderSaysWhoAsks(t *testing.T) {
	for _, each := range []struct{ argv, want []string }{
		{[]string{"/bin/lanyard", "status"}, []string{"status"}},
		{[]string{"/bin/git-credential-lanyard", "get"}, []string{"credential", "git", "get"}},
		{[]string{"docker-credential-lanyard.exe", "list"}, []string{"credential", "docker", "list"}},
		{[]string{"git-credential-lanyard"}, []string{"credential", "git"}},
		// git's own way to give options: credential.helper = lanyard --as Work.
		{[]string{"git-credential-lanyard", "--as", "Work", "get"}, []string{"credential", "git", "--as", "Work", "get"}},
		{[]string{"git-credential-lanyard", "--version"}, []string{"--version"}},
	} {
		if got := argumentsOf(each.argv); !reflect.DeepEqual(got, each.want) {
			t.Errorf("%q: %q", each.argv, got)
		}
	}
}

func TestTheVersionOfNodeIsRead(t *testing.T) {
	for text, want := range map[string]int{"v24.9.0\n": 24, "v8.1.0": 8, "20": 20, "": 0, "vX.1": 0} {
		if got := majorVersion(text); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func TestDataIsWhereTheAppKeepsIt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the rule of Linux")
	}
	t.Setenv("LANYARD_HOME", "")
	t.Setenv("HOME", "/home/ada")
	t.Setenv("XDG_CONFIG_HOME", "")
	if got, _ := dataDirectory(); got != "/home/ada/.config/Lanyard" {
		t.Error(got)
	}
	t.Setenv("XDG_CONFIG_HOME", "/config")
	if got, _ := dataDirectory(); got != "/config/Lanyard" {
		t.Error(got)
	}
	t.Setenv("XDG_CONFIG_HOME", "config")
	if got, _ := dataDirectory(); got != "/home/ada/.config/Lanyard" {
		t.Error(got)
	}
	t.Setenv("LANYARD_HOME", "/else/../elsewhere/")
	if got, _ := dataDirectory(); got != "/elsewhere" {
		t.Error(got)
	}
	for _, relative := range []string{"elsewhere", "~/elsewhere", "./elsewhere"} {
		t.Setenv("LANYARD_HOME", relative)
		if got, err := dataDirectory(); err == nil {
			t.Errorf("%s: %s", relative, got)
		}
	}
}

func TestServeIsSaidToBeUnbuiltInACheckoutOnly(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "dist", "command")
	if said := noServeFiles(folder).Error(); strings.Contains(said, "vite") {
		t.Fatal(said)
	}
	for _, name := range []string{"vite.config.ts", "package.json"} {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if said := noServeFiles(folder).Error(); !strings.Contains(said, root+": npx vite build --app") {
		t.Fatal(said)
	}
}

func TestStoppingOneThatStopsAlreadyIsNoFailure(t *testing.T) {
	for _, each := range []struct {
		args []string
		code int
	}{{[]string{"serve", "--stop"}, 0}, {[]string{"status"}, exitUnreachable}} {
		ours, theirs := net.Pipe()
		theirs.Close()
		if code := converse(ours, each.args, exitUnreachable); code != each.code {
			t.Errorf("%q: %d", each.args, code)
		}
	}
}
