//! The surroundings of heygen: CI, networks, key stores, shells.

use super::Block::{Code, Item, Text};
use super::Topic;

/// Gates of `auth check`, and what its exit codes mean for a job.
pub(in crate::cli) const CI: Topic = Topic {
    name: "ci",
    heading: "CI",
    blocks: &[
        Text(
            "`heygen auth check --quiet` prints nothing if the key is valid and every gate is met: \
             logs are often public, and the report names an account.",
        ),
        Code("heygen auth check --quiet --min-balance 5 --valid-for 14d --need videos:write"),
        Item("--min-balance N", "In the unit of the balance: dollars, or credits of a plan."),
        Item("--valid-for DURATION", "The key must not expire earlier; a bare number is days."),
        Item("--need SCOPE", "The key must have the scope; may be repeated."),
        Text(
            "A gate that cannot be decided is not met: \"cannot tell whether ...\", with the reason.",
        ),
        Item("0", "Go on."),
        Item("3", "No key, or HeyGen rejects it: it must be replaced."),
        Item("1", "A gate is not met, or HeyGen cannot be reached (code `network_error`)."),
        Item("4", "Timeout: try later."),
        Text(
            "GitHub gives no secrets to runs from forks. The key is then empty, which the error \
             says; skip the job there. HEYGEN_ERROR_FORMAT=text makes errors readable in a log.",
        ),
        Text(
            "Tests of scripts need no key and no secret: `heygen mock -- ./script.sh` runs them \
             against a HeyGen on the computer itself.",
        ),
    ],
};

/// Proxies, certificates and time limits.
pub(in crate::cli) const NETWORK: Topic = Topic {
    name: "network",
    heading: "NETWORK",
    blocks: &[
        Text(
            "heygen reads https_proxy, HTTPS_PROXY, http_proxy, all_proxy, ALL_PROXY, no_proxy and \
             NO_PROXY as curl does (http://, https://, socks5://, socks5h://). This computer itself \
             is always called directly. An HTTPS proxy sees the name of the API and no key.",
        ),
        Text(
            "Mozilla's list of authorities is built in. Where a company's proxy signs, name its \
             certificate, or trust what the computer trusts:",
        ),
        Code(
            "heygen get /v3/videos --ca-cert company.pem    # or HEYGEN_CA_CERT\n\
             heygen get /v3/videos --ca-cert system",
        ),
        Text(
            "--timeout limits one attempt, from the lookup of the name to the last byte; for files \
             it is the longest silence. Redirects are not followed: the key stays with HeyGen.",
        ),
        Text(
            "HEYGEN_API_BASE names another address of the API. Plain http:// is refused except for \
             this computer, or with HEYGEN_ALLOW_HTTP=1.",
        ),
    ],
};

/// Files and programs that hold keys.
pub(in crate::cli) const SECRETS: Topic = Topic {
    name: "secrets",
    heading: "SECRETS",
    blocks: &[
        Text(
            ".env files of the working directory are always read. The search climbs to the first \
             directory with .git; without one it does not climb, and it never enters your home \
             directory or /. Above the working directory a file must belong to you or to root.",
        ),
        Text(
            "Only HEYGEN_API_KEY is read from them; the last line wins, and $ is a character. A \
             repository's .env can change which key is used and nothing else. If its key takes \
             precedence over a different one of yours, a terminal says so with every call.",
        ),
        Text(
            "`heygen auth login` asks HeyGen whether the key is valid and stores it in \
             ~/.heygen/credentials, readable by you alone. HeyGen's own CLI uses the same file; its \
             other entries stay, and so does an OAuth session, unless --force drops it.",
        ),
        Text("Secret managers put the key into the environment of one command, or into stdin:"),
        Code(
            "op run --env-file=heygen.env -- heygen auth check\n\
             HEYGEN_API_KEY=\"$(pass show heygen)\" heygen get /v3/videos\n\
             vault kv get -field=key secret/heygen | heygen get /v3/videos --api-key-file -",
        ),
        Text(
            "To rotate a key: make a new one at https://app.heygen.com/settings?nav=API, put it \
             where the old one is, see its last four characters in `heygen auth check`, and delete \
             the old one there. If a key has leaked, delete it first; then look at the balance and \
             at what was created (heygen get /v3/videos --all).",
        ),
    ],
};

/// Completion and man pages.
pub(in crate::cli) const SETUP: Topic = Topic {
    name: "setup",
    heading: "SETUP",
    blocks: &[
        Text(
            "Tab completes commands, flags and their values, endpoints, the names and values of \
             their fields, and files after @. The scripts ask heygen itself and stay valid across \
             versions.",
        ),
        Code(
            "# bash, in ~/.bashrc\n\
             source <(heygen completions bash)\n\
             # zsh, in ~/.zshrc after compinit\n\
             source <(heygen completions zsh)\n\
             # fish\n\
             heygen completions fish > ~/.config/fish/completions/heygen.fish\n\
             # PowerShell, in $PROFILE\n\
             heygen completions powershell | Out-String | Invoke-Expression\n\
             # elvish, in ~/.config/elvish/rc.elv\n\
             eval (heygen completions elvish | slurp)",
        ),
        Text("`heygen man DIR` writes one page per command:"),
        Code("heygen man ~/.local/share/man/man1"),
        Text(
            "`man` looks there if ~/.local/bin is on the PATH. Otherwise add the directory in \
             ~/.profile, with a colon that keeps the others:",
        ),
        Code("export MANPATH=~/.local/share/man:"),
        Text(
            "HeyGen's own CLI is called heygen, too. The first one on the PATH runs, and \
             `heygen --version` says which it is; a link with another name works as well. Both read \
             the same variables and the same credentials.",
        ),
    ],
};
