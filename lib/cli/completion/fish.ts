/**
 * For fish 3 and newer.
 *
 * @param commands names to complete: `addons`, `addons:add` …
 */
export const fishScript = (commands: readonly string[]): string => `# Completion of addons for fish.
function __addons_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct | string unescape)
    set -l program $typed[1]
    set -e typed[1]
    if string match -q '*addons:*' -- $program
        set -p typed (string replace -r '.*addons:' '' -- $program)
        set program (string replace -r ':[^:]*$' '' -- $program)
    end
    for line in (command $program complete -- $typed "$current" 2>/dev/null)
        switch $line
            case ':files'
                __addons_paths "$current"
            case ':directories'
                __addons_paths "$current" | string match -r '.*/(?:\\t.*)?$'
            case ':programs'
                __fish_complete_command
            case '*'
                echo $line
        end
    end
end
function __addons_paths
    set -l option (string match -r '^--[^=]*=' -- $argv[1]; or echo '')
    for path in (__fish_complete_path (string replace -r '^--[^=]*=' '' -- $argv[1]))
        echo $option$path
    end
end
${commands.map((command) => `complete -c ${command} -f -a '(__addons_complete)'`).join('\n')}
`;
