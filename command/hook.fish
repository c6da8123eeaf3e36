# Lanyard: in a directory with a trusted .lanyard file, plain programs run as the identity that it names.
# A shell that was started as an identity stays what it is.
if not set -q LANYARD_BUNDLE; or set -q LANYARD_HOOK

    # What a variable was before, once: whether it was there, whether programs saw it, and its value.
    function __lanyard_save
        contains -- $argv[1] $__lanyard_names; and return 0
        set -ga __lanyard_names $argv[1]
        if set -qgx $argv[1]
            set -g __lanyard_how_$argv[1] exported
            set -g __lanyard_was_$argv[1] $$argv[1]
        else if set -qg $argv[1]
            set -g __lanyard_how_$argv[1] own
            set -g __lanyard_was_$argv[1] $$argv[1]
        else
            set -g __lanyard_how_$argv[1] none
        end
    end

    # LANYARD_HOOK tells a shell within this one what is not its person's; keys stand in it by name only.
    function __lanyard_note
        set -gx LANYARD_HOOK "$LANYARD_HOOK$argv[1]"\n
    end

    function __lanyard_set
        __lanyard_save $argv[1]
        set -gx $argv[1] $argv[2]
        __lanyard_note "$argv[1]=$argv[2]"
    end

    function __lanyard_set_key
        __lanyard_save $argv[1]
        set -gx $argv[1] $argv[2]
        __lanyard_note $argv[1]
    end

    function __lanyard_unset
        __lanyard_save $argv[1]
        set -eg $argv[1]
        # A universal one is hidden, not erased: it is every shell's.
        if set -qU $argv[1]
            set -gu $argv[1]
        end
    end

    function __lanyard_at
        set -g __lanyard_revision_file $argv[1]
        set -g __lanyard_revision $argv[2]
    end

    function __lanyard_say
        test "$argv[1]" = "$__lanyard_said"; or printf '%s\n' $argv[1] >&2
        set -g __lanyard_said $argv[1]
    end

    function __lanyard_leave
        for each in $__lanyard_names
            set -l how __lanyard_how_$each
            set -l was __lanyard_was_$each
            switch $$how
                case exported
                    set -gx $each $$was
                case own
                    set -gu $each $$was
                case '*'
                    set -eg $each
            end
            set -eg $how
            set -eg $was
        end
        set -g __lanyard_names
        set -eg LANYARD_HOOK
    end

    # Starts nothing where no .lanyard file is above, and nothing again until one changes.
    function __lanyard_hook --on-variable PWD --on-event fish_prompt
        set -l before $status
        set -l file ''
        if test -z "$LANYARD_AS"
            set -l up (builtin pwd -P | string collect)
            while true
                if test -f "$up/.lanyard"; and not test -L "$up/.lanyard"
                    set file (string replace -r '^//' / -- "$up/.lanyard" | string collect)
                    break
                end
                test -n "$up"; or break
                set up (string replace -r '/[^/]*$' '' -- $up | string collect)
            end
        end
        if test -z "$file"
            if test -n "$__lanyard_key"
                if set -q __lanyard_names[1]
                    printf 'lanyard: no longer as %s\n' "$LANYARD_BUNDLE" >&2
                end
                __lanyard_leave
                set -g __lanyard_key ''
                set -g __lanyard_said ''
            end
            return $before
        end
        set -l text ''
        set -l now ''
        read -z -n 4097 text <$file 2>/dev/null
        if test -n "$__lanyard_revision"; and test -r "$__lanyard_revision_file"
            read now <$__lanyard_revision_file 2>/dev/null
        end
        if test "$file"\n"$text" = "$__lanyard_key"
            if test -n "$__lanyard_revision"; and test "$now" = "$__lanyard_revision"
                return $before
            end
        else
            set -g __lanyard_said ''
        end
        set -g __lanyard_key "$file"\n"$text"
        set -g __lanyard_revision ''
        __lanyard_leave
        set -l script (command lanyard __directory fish </dev/null 2>/dev/null | string collect; set -l piped $pipestatus; test $piped[1] -eq 0)
        if test $status -eq 0
            eval "$script"
        else
            set -l shown (string replace -ra '[[:cntrl:]]' '?' -- $file | string collect)
            __lanyard_say "lanyard: Lanyard does not answer, so $shown does not hold: programs use the logins that they use elsewhere."
        end
        return $before
    end

    if test "$__lanyard_shell" != $fish_pid
        set -g __lanyard_shell $fish_pid
        set -g __lanyard_names
        set -g __lanyard_key ''
        set -g __lanyard_said ''
        set -g __lanyard_revision ''
        set -g __lanyard_revision_file ''
        # The outer shell's directory is not this one's; what a start-up file has set since then stays.
        for line in (string split \n -- "$LANYARD_HOOK")
            set -l parts (string split -m 1 = -- $line)
            string match -qr '^[A-Za-z_][A-Za-z0-9_]*$' -- "$parts[1]"; or continue
            if not set -q parts[2]; or test "$$parts[1]" = "$parts[2]"
                set -eg $parts[1]
            end
        end
        set -eg LANYARD_HOOK
    end
    __lanyard_hook
end
