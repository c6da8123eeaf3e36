package main

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"runtime"
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
	t.Setenv("LANYARD_HOME", "/elsewhere")
	if got, _ := dataDirectory(); got != "/elsewhere" {
		t.Error(got)
	}
}
