function __lanyard_complete
  set -l words (commandline -opc) (commandline -ct)
  lanyard __complete $words[2..-1] 2>/dev/null
end
complete -c lanyard -f -a '(__lanyard_complete)'
