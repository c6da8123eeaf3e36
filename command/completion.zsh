#compdef lanyard
_lanyard() {
  local -a found
  found=("${(@f)$(lanyard __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _lanyard lanyard
