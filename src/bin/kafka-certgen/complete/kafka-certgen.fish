# fish completion for kafka-certgen

function __kafka_certgen_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l place (count $words)
    set -l token (commandline --current-token --cut-at-cursor)
    set -l found (command kafka-certgen completions fish --place $place -- $words "$token" 2>/dev/null)
    switch "$found[1]"
        case 'files*' 'folders*'
            set -l parts (string split --max 1 ' ' -- $found[1])
            set -l prefix $parts[2]
            set -l path (string sub --start (math (string length -- "$prefix") + 1) -- "$token")
            for file in (complete --do-complete "'' $path")
                if test $parts[1] = files; or string match --quiet '*/' -- (string split --max 1 \t -- $file)[1]
                    printf '%s%s\n' "$prefix" $file
                end
            end
        case '*'
            test (count $found) -gt 1; and printf '%s\n' $found[2..-1]
    end
end

complete --command kafka-certgen --no-files --keep-order --arguments '(__kafka_certgen_complete)'
