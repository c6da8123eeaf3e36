# Lanyard: in a directory with a trusted .lanyard file, plain programs run as the identity that it names.
# A shell that was started as an identity stays what it is.
if [[ -z "${LANYARD_BUNDLE-}" || -n "${LANYARD_HOOK-}" ]]; then

  # What a variable was before, once: whether it was there, whether programs saw it, and its value.
  _lanyard_save() {
    (( ${_lanyard_names[(Ie)$1]} )) && return 0
    _lanyard_names+=("$1")
    if [[ "${(Pt)1}" == *export* ]]; then
      _lanyard_how[$1]=exported
    elif (( ${(P)+1} )); then
      _lanyard_how[$1]=own
    else
      _lanyard_how[$1]=none
    fi
    _lanyard_was[$1]="${(P)1-}"
  }

  # LANYARD_HOOK tells a shell within this one what is not its person's; keys stand in it by name only.
  _lanyard_set() {
    emulate -L zsh
    _lanyard_save "$1"
    export "$1=$2"
    export LANYARD_HOOK="${LANYARD_HOOK-}$1=$2"$'\n'
  }

  _lanyard_set_key() {
    emulate -L zsh
    _lanyard_save "$1"
    export "$1=$2"
    export LANYARD_HOOK="${LANYARD_HOOK-}$1"$'\n'
  }

  _lanyard_unset() {
    emulate -L zsh
    _lanyard_save "$1"
    unset "$1"
  }

  _lanyard_at() {
    _lanyard_revision_file=$1
    _lanyard_revision=$2
  }

  _lanyard_say() {
    emulate -L zsh
    [[ "$1" == "$_lanyard_said" ]] || print -r -u 2 -- "$1"
    _lanyard_said=$1
  }

  _lanyard_leave() {
    emulate -L zsh
    local _lanyard_each
    for _lanyard_each in "${_lanyard_names[@]}"; do
      case "${_lanyard_how[$_lanyard_each]}" in
        exported) export "$_lanyard_each=${_lanyard_was[$_lanyard_each]}" ;;
        own) typeset -g +x "$_lanyard_each=${_lanyard_was[$_lanyard_each]}" ;;
        *) unset "$_lanyard_each" ;;
      esac
    done
    _lanyard_names=()
    _lanyard_how=()
    _lanyard_was=()
    unset LANYARD_HOOK
  }

  # Starts nothing where no .lanyard file is above, and nothing again until one changes.
  _lanyard_hook() {
    local _lanyard_status=$?
    emulate -L zsh
    local _lanyard_up _lanyard_file='' _lanyard_text='' _lanyard_now='' _lanyard_script
    if [[ -z "${LANYARD_AS-}" ]]; then
      _lanyard_up=${PWD:A}
      while :; do
        if [[ -f "$_lanyard_up/.lanyard" && ! -L "$_lanyard_up/.lanyard" ]]; then
          _lanyard_file="${_lanyard_up%/}/.lanyard"
          break
        fi
        [[ -n "$_lanyard_up" ]] || break
        _lanyard_up=${_lanyard_up%/*}
      done
    fi
    if [[ -z "$_lanyard_file" ]]; then
      if [[ -n "$_lanyard_key" ]]; then
        (( ${#_lanyard_names} )) && print -r -u 2 -- "lanyard: no longer as ${LANYARD_BUNDLE-}"
        _lanyard_leave
        _lanyard_key=''
        _lanyard_said=''
      fi
      return $_lanyard_status
    fi
    { IFS= read -r -k 4097 -u 0 _lanyard_text <"$_lanyard_file" } 2>/dev/null
    if [[ -n "$_lanyard_revision" ]]; then
      { IFS= read -r _lanyard_now <"$_lanyard_revision_file" } 2>/dev/null
    fi
    if [[ "$_lanyard_file"$'\n'"$_lanyard_text" == "$_lanyard_key" ]]; then
      [[ -z "$_lanyard_revision" || "$_lanyard_now" != "$_lanyard_revision" ]] || return $_lanyard_status
    else
      _lanyard_said=''
    fi
    _lanyard_key="$_lanyard_file"$'\n'"$_lanyard_text"
    _lanyard_revision=''
    _lanyard_leave
    if _lanyard_script=$(command lanyard __directory sh </dev/null 2>/dev/null); then
      eval "$_lanyard_script"
    else
      _lanyard_say "lanyard: Lanyard does not answer, so ${_lanyard_file//[[:cntrl:]]/?} does not hold: programs use the logins that they use elsewhere."
    fi
    return $_lanyard_status
  }

  # The outer shell's directory is not this one's; what a start-up file has set since then stays.
  _lanyard_begin() {
    emulate -L zsh
    typeset -g _lanyard_shell=$$ _lanyard_key='' _lanyard_said='' _lanyard_revision='' _lanyard_revision_file=''
    typeset -ga _lanyard_names=()
    typeset -gA _lanyard_how=() _lanyard_was=()
    local _lanyard_line _lanyard_name
    for _lanyard_line in "${(@f)LANYARD_HOOK}"; do
      _lanyard_name=${_lanyard_line%%\=*}
      [[ "$_lanyard_name" == [A-Za-z_]* && "$_lanyard_name" != *[^A-Za-z0-9_]* ]] || continue
      if [[ "$_lanyard_line" != *\=* || "${(P)_lanyard_name-}" == "${_lanyard_line#*\=}" ]]; then
        unset "$_lanyard_name"
      fi
    done
    unset LANYARD_HOOK
  }
  [[ "${_lanyard_shell-}" == "$$" ]] || _lanyard_begin
  unfunction _lanyard_begin

  typeset -ga chpwd_functions precmd_functions
  chpwd_functions=(_lanyard_hook ${chpwd_functions:#_lanyard_hook})
  precmd_functions=(_lanyard_hook ${precmd_functions:#_lanyard_hook})
  _lanyard_hook
fi
