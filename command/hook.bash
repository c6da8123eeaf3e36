# Lanyard: in a directory with a trusted .lanyard file, plain programs run as the identity that it names.
# A shell that was started as an identity stays what it is.
if [[ -z "${LANYARD_BUNDLE-}" || -n "${LANYARD_HOOK-}" ]]; then

  # What a variable was before, once: whether it was there, whether programs saw it, and its value.
  _lanyard_save() {
    local _lanyard_each _lanyard_flags
    for _lanyard_each in ${_lanyard_names[@]+"${_lanyard_names[@]}"}; do
      [[ "$_lanyard_each" == "$1" ]] && return 0
    done
    _lanyard_names+=("$1")
    printf -v "_lanyard_how_$1" %s ''
    if [[ -n "${!1+x}" ]]; then
      printf -v "_lanyard_was_$1" %s "${!1}"
      _lanyard_flags=$(declare -p "$1" 2>/dev/null)
      _lanyard_flags=${_lanyard_flags#declare -}
      if [[ "${_lanyard_flags%% *}" == *x* ]]; then
        printf -v "_lanyard_how_$1" %s exported
      else
        printf -v "_lanyard_how_$1" %s own
      fi
    fi
  }

  # LANYARD_HOOK tells a shell within this one what is not its person's; keys stand in it by name only.
  _lanyard_set() {
    _lanyard_save "$1"
    export "$1=$2"
    export LANYARD_HOOK="${LANYARD_HOOK-}$1=$2"$'\n'
  }

  _lanyard_set_key() {
    _lanyard_save "$1"
    export "$1=$2"
    export LANYARD_HOOK="${LANYARD_HOOK-}$1"$'\n'
  }

  _lanyard_unset() {
    _lanyard_save "$1"
    unset -v "$1"
  }

  _lanyard_at() {
    _lanyard_revision_file=$1
    _lanyard_revision=$2
  }

  _lanyard_say() {
    [[ "$1" == "$_lanyard_said" ]] || printf '%s\n' "$1" >&2
    _lanyard_said=$1
  }

  _lanyard_leave() {
    local _lanyard_each _lanyard_how _lanyard_was
    for _lanyard_each in ${_lanyard_names[@]+"${_lanyard_names[@]}"}; do
      _lanyard_how="_lanyard_how_$_lanyard_each"
      _lanyard_was="_lanyard_was_$_lanyard_each"
      if [[ -z "${!_lanyard_how}" ]]; then
        unset -v "$_lanyard_each"
      else
        export "$_lanyard_each=${!_lanyard_was}"
        [[ "${!_lanyard_how}" == exported ]] || export -n "$_lanyard_each"
      fi
      unset -v "$_lanyard_how" "$_lanyard_was"
    done
    _lanyard_names=()
    unset -v LANYARD_HOOK
  }

  # Starts nothing where no .lanyard file is above, and nothing again until one changes.
  _lanyard_hook() {
    local _lanyard_status=$? _lanyard_up _lanyard_file='' _lanyard_text='' _lanyard_now='' _lanyard_script
    if [[ -z "${LANYARD_AS-}" ]]; then
      if [[ "$PWD" != "$_lanyard_pwd" ]]; then
        _lanyard_pwd=$PWD
        _lanyard_directory=$(builtin pwd -P 2>/dev/null && printf x)
        _lanyard_directory=${_lanyard_directory%x}
        _lanyard_directory=${_lanyard_directory%$'\n'}
      fi
      _lanyard_up=$_lanyard_directory
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
        [[ ${#_lanyard_names[@]} -eq 0 ]] || printf 'lanyard: no longer as %s\n' "${LANYARD_BUNDLE-}" >&2
        _lanyard_leave
        _lanyard_key=''
        _lanyard_said=''
      fi
      return "$_lanyard_status"
    fi
    { IFS= read -r -d '' -n 4097 _lanyard_text <"$_lanyard_file"; } 2>/dev/null || :
    if [[ -n "$_lanyard_revision" ]]; then
      { IFS= read -r _lanyard_now <"$_lanyard_revision_file"; } 2>/dev/null || :
    fi
    if [[ "$_lanyard_file"$'\n'"$_lanyard_text" == "$_lanyard_key" ]]; then
      [[ -z "$_lanyard_revision" || "$_lanyard_now" != "$_lanyard_revision" ]] || return "$_lanyard_status"
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
    return "$_lanyard_status"
  }

  if [[ "${_lanyard_shell-}" != "$$" ]]; then
    _lanyard_shell=$$
    _lanyard_names=()
    _lanyard_key='' _lanyard_said='' _lanyard_pwd='' _lanyard_directory='' _lanyard_revision='' _lanyard_revision_file=''
    # The outer shell's directory is not this one's; what a start-up file has set since then stays.
    while IFS= read -r _lanyard_line; do
      _lanyard_name=${_lanyard_line%%=*}
      [[ "$_lanyard_name" =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || continue
      if [[ "$_lanyard_line" != *=* || "${!_lanyard_name-}" == "${_lanyard_line#*=}" ]]; then
        unset -v "$_lanyard_name"
      fi
    done <<<"${LANYARD_HOOK-}"
    unset -v LANYARD_HOOK _lanyard_line _lanyard_name
  fi

  # A prompt comes too late for what stands on the same line. Somebody else's cd is left alone.
  declare -F cd >/dev/null || function cd { builtin cd "$@" || return; _lanyard_hook; }
  declare -F pushd >/dev/null || function pushd { builtin pushd "$@" || return; _lanyard_hook; }
  declare -F popd >/dev/null || function popd { builtin popd "$@" || return; _lanyard_hook; }

  if [[ "${PROMPT_COMMAND-}" != *_lanyard_hook* ]]; then
    PROMPT_COMMAND="_lanyard_hook${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}"
  fi
  _lanyard_hook
fi
