# Completion of efs for fish: efs completion fish > ~/.config/fish/completions/efs.fish
# The walk is that of bin/completion/walk.sh: no process is started where the table and the home tell.

# The candidates for the last of the words behind the program, as `efs --complete` prints them.
function __efs_find
    set -l place ''
    set -l waiting ''
    set -l used
    set -l over ''
    set -l home ''
    set -l at 0
    set -l typed $argv[-1]
    for word in $argv[2..-2]
        if test -n "$waiting"
            test "$waiting" = --home; and set home $word
            set waiting ''
        else if test -z "$over"; and test "$word" = --
            set over 1
        else if test -z "$over"; and string match -q -- '-?*' $word
            set -l parts (string split -m 1 = -- $word)
            set -l row (__efs_look "$place" $parts[1]); or continue
            set -a used $row[1]
            if test (count $parts) = 1
                test -z "$row[2]"; or set waiting $row[1]
            else if test "$row[1]" = --home
                set home $parts[2]
            end
        else
            set -l row (__efs_look "$place" $word)
            if test $at = 0; and string match -q '>*' -- "$row[2]"
                set place (string sub -s 2 -- $row[2])
            else
                set at (math $at + 1)
            end
        end
    end
    if test -n "$waiting"
        set -l row (__efs_look "$place" $waiting)
        __efs_value "$row[2]" "$typed" "$home"; or command $argv[1] --complete $argv[2..-1] 2>/dev/null
        return
    end
    if test -z "$over"; and string match -q -- '-*=*' "$typed"
        set -l parts (string split -m 1 = -- $typed)
        set -l row (__efs_look "$place" $parts[1]); or return
        set -l found (__efs_value "$row[2]" "$parts[2]" "$home"); or set found (command $argv[1] --complete $argv[2..-1] 2>/dev/null | string replace -- "$parts[1]=" '')
        for line in $found
            string match -q ':*' -- $line; and echo $line; or echo $parts[1]=$line
        end
        return
    end
    if test -z "$over"; and string match -q -- '-*' "$typed"
        for line in (__efs_rows "$place" | string match -- '--*')
            set -l row (string split -m 2 '|' -- $line)
            contains -- $row[1] $used; or __efs_add "$typed" $row[1] $row[3]
        end
        return
    end
    if test $at = 0
        for line in (__efs_rows "$place" | string match -- '*|>*')
            set -l row (string split -m 2 '|' -- $line)
            __efs_add "$typed" $row[1] $row[3]
        end
    end
    set -l row (__efs_look "$place" "#$at"); or return
    __efs_value "$row[2]" "$typed" "$home"; or command $argv[1] --complete $argv[2..-1] 2>/dev/null
end

# The row of a word at a place: the spelling that counts, and what is behind it. Another spelling stands in front of it.
function __efs_look
    set -l wanted $argv[2]
    for line in (__efs_rows "$argv[1]")
        set -l row (string split -m 2 '|' -- $line)
        test "$row[1]" = "$wanted"; or continue
        if string match -q '=*' -- "$row[2]"
            set wanted (string sub -s 2 -- $row[2])
        else
            printf '%s\n' $row[1] "$row[2]"
            return 0
        end
    end
    return 1
end

function __efs_add
    set -l begun (string length -- "$argv[1]")
    test "$argv[1]" = (string sub -l $begun -- "$argv[2]"); or return 0
    test -z "$argv[3]"; and printf '%s\n' $argv[2]; or printf '%s\t%s\n' $argv[2] $argv[3]
end

# WHAT, what is typed, and what --home gives. Fails where only the program can tell.
function __efs_value
    switch $argv[1]
        case ':*'
            for word in (string split ' ' -- (string sub -s 2 -- $argv[1]))
                __efs_add "$argv[2]" $word
            end
        case file
            echo :files
        case folder
            echo :folders
        case service
            set -l home (__efs_home "$argv[3]"); or return 1
            for file in $home/services/*.json
                __efs_add "$argv[2]" (string replace -r '^.*/(.*)\.json$' '$1' -- $file)
            end
            return 0
        case cluster
            __efs_names 1 '' $argv[2..3]
        case tenant
            __efs_names 2 '' $argv[2..3]
        case bucket
            __efs_names 3 '' $argv[2..3]
        case object
            __efs_names 3 / $argv[2..3]
        case place
            __efs_names 3 '' $argv[2..3]; and echo :files
        case credential
            return 1
    end
end

# Names of one level, with a slash behind them where more is to follow: DEPTH, what is behind those of the last, what is typed, --home.
function __efs_names
    string match -qr '^[./]|:' -- "$argv[3]"; and return 0
    set -l level (count (string split / -- "$argv[3]"))
    test $level -le $argv[1]; or return 0
    set -l after /
    test $level -lt $argv[1]; or set after $argv[2]
    set -l home (__efs_home "$argv[4]"); or return 1
    test -e $home/index.mdb; or return 0
    test -r $home/names.txt; or return 1
    set -l typed (string escape --style=regex -- "$argv[3]")
    string match -r "^$typed"'[^/]*$' <$home/names.txt | string replace -r '$' "$after"
    return 0
end

# The home that counts; `--home` is given. Fails where the settings of the user say it in a way that is not read here.
function __efs_home
    set -l home $argv[1]
    test -z "$home"; and set home $EFS_HOME
    set -l config $XDG_CONFIG_HOME
    test -z "$config"; and set config $HOME/.config
    if test -z "$home"; and test -r $config/efs/config.json
        set -l line (string match '*"home"*' <$config/efs/config.json)
        if test -n "$line"
            set home (string replace -rf '^ *"home": "([^"\\\\]*)",?$' '$1' -- $line); or return 1
        end
    end
    if test -z "$home"
        set -l data $XDG_DATA_HOME
        test -z "$data"; and set data $HOME/.local/share
        test -d "$HOME/Library/Application Support"; and set data "$HOME/Library/Application Support"
        set home $data/efs
    end
    echo $home
end

function __efs_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # What stands before a value in the same word is no part of a file's name.
    set -l front (string match -r '^-[^=]*=' -- $current)
    set -l path (string replace -- "$front" '' "$current")
    for line in (__efs_find $words "$current")
        switch $line
            case :files
                __fish_complete_path "$path" | string replace -r '^' -- "$front"
            case :folders
                __fish_complete_directories "$path" '' | string replace -r '^' -- "$front"
            case '*'
                echo $line
        end
    end
end
complete -c efs -f -a '(__efs_complete)'
complete -c efscli -f -a '(__efs_complete)'
