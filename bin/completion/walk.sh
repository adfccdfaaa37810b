# For bash and zsh alike, and without starting a process: `_efs_rows PLACE` (made from the manifest of commands) puts what may follow there into
# `rows`, a line each: WORD|WHAT|NOTE, as src/cli/completion/table.ts has them.

# Puts candidates for the last of the words behind the program into `found`, as `efs --complete` prints them.
_efs_find() {
  [ -n "${ZSH_VERSION-}" ] && emulate -L sh
  local program=$1 typed='' place='' waiting='' used=' ' over='' home='' what flag rows word note isFirst=1
  local at=0 front='' tab=$'\t' IFS=$' \t\n'
  shift
  found=''
  _efs_rows ''
  for word in "$@"; do
    [ -n "$isFirst" ] || _efs_word "$typed"
    isFirst=''
    typed=$word
  done
  if ! _efs_offer; then found=$("$program" --complete "$@" 2>/dev/null)$'\n'; fi
}

# Takes in a word that others follow.
_efs_word() {
  if [ -n "$waiting" ]; then
    [ "$waiting" != --home ] || home=$1
    waiting=''
  elif [[ -z $over && $1 == -- ]]; then
    over=1
  elif [[ -z $over && $1 == -?* ]]; then
    _efs_look "${1%%=*}" || return 0
    used+="$flag "
    if [[ $1 != *=* ]]; then
      [ -z "$what" ] || waiting=$flag
    elif [ "$flag" = --home ]; then
      home=${1#*=}
    fi
  elif [[ $at == 0 ]] && _efs_look "$1" && [[ $what == '>'* ]]; then
    place=${what#>}
    _efs_rows "$place"
  else
    at=$((at + 1))
  fi
}

# Puts what is behind a word into `what`, and the spelling that counts into `flag`. Another spelling stands in front of it.
_efs_look() {
  local word note
  flag=$1
  while IFS='|' read -r word what note; do
    [[ $word == "$flag" ]] || continue
    [[ $what == =* ]] || return 0
    flag=${what#=}
  done <<<"$rows"
  what=''
  return 1
}

_efs_add() {
  [[ $1 != "$typed"* ]] || found+="$front$1${2:+$tab$2}"$'\n'
}

# Fails where only the program can tell.
_efs_offer() {
  local flags=''
  if [ -n "$waiting" ]; then
    _efs_look "$waiting"
    _efs_value
    return
  fi
  if [[ -z $over && $typed == -*=* ]]; then
    front=${typed%%=*}=
    typed=${typed#*=}
    _efs_look "${front%=}" || return 0
    _efs_value
    return
  fi
  [[ -z $over && $typed == -* ]] && flags=1
  while IFS='|' read -r word what note; do
    if [ -n "$flags" ]; then
      [[ $word != --* || $used == *" $word "* ]] || _efs_add "$word" "$note"
    elif [[ $at == 0 && $what == '>'* ]]; then
      _efs_add "$word" "$note"
    fi
  done <<<"$rows"
  [ -z "$flags" ] || return 0
  _efs_look "#$at" || return 0
  _efs_value
}

_efs_value() {
  case $what in
    :*) for word in ${what#:}; do _efs_add "$word"; done ;;
    file) found+=":files"$'\n' ;;
    folder) found+=":folders"$'\n' ;;
    service) _efs_home && for word in "$home"/services/*.json; do
      word=${word##*/}
      [[ $word == '*.json' ]] || _efs_add "${word%.json}"
    done ;;
    cluster) _efs_names 1 '' ;;
    tenant) _efs_names 2 '' ;;
    bucket) _efs_names 3 '' ;;
    object) _efs_names 3 / ;;
    place) _efs_names 3 '' && found+=":files"$'\n' ;;
    credential) return 1 ;;
  esac
}

# Names of one level, with a slash behind them where more is to follow: DEPTH, and what is behind those of the last.
_efs_names() {
  local slashes=${typed//[!\/]/} end=/
  case $typed in [./]* | *:*) return 0 ;; esac
  [ ${#slashes} -lt "$1" ] || return 0
  [ ${#slashes} -lt $(($1 - 1)) ] || end=$2
  _efs_home || return 1
  [ -e "$home/index.mdb" ] || return 0
  [ -r "$home/names.txt" ] || return 1
  while IFS= read -r word; do
    [[ $word != "$typed"* || ${word#"$typed"} == */* ]] || found+="$front$word$end"$'\n'
  done <"$home/names.txt"
}

# The home that counts. Fails where the settings of the user say it in a way that is not read here.
_efs_home() {
  local line settings="${XDG_CONFIG_HOME:-$HOME/.config}/efs/config.json"
  [ -z "$home" ] || return 0
  home=${EFS_HOME-}
  if [[ -z $home && -r $settings ]]; then
    while IFS= read -r line; do
      case $line in
        *'"home"'*\\*) return 1 ;;
        *'"home": "'*'"'*) home=${line#*'"home": "'} home=${home%%'"'*} ;;
        *'"home"'*) return 1 ;;
      esac
    done <"$settings"
  fi
  [ -z "$home" ] || return 0
  case $OSTYPE in
    darwin*) home="$HOME/Library/Application Support/efs" ;;
    *) home="${XDG_DATA_HOME:-$HOME/.local/share}/efs" ;;
  esac
}
