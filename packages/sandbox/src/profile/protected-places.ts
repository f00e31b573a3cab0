/** Below a home directory: where keys, tokens and cookies are kept. Hidden although something wider is granted. */
export const SECRET_PLACES: readonly string[] = [
  '.ssh', '.gnupg', '.aws', '.azure', '.config/gcloud', '.kube', '.docker', '.config/containers', '.netrc', '.npmrc', '.pypirc',
  '.yarnrc.yml', '.cargo/credentials.toml', '.cargo/credentials', '.gem/credentials', '.config/gh', '.config/glab-cli', '.git-credentials',
  '.config/git/credentials', '.password-store', '.local/share/keyrings', '.local/share/kwalletd', '.config/op', '.config/1Password',
  '.mozilla', '.thunderbird', '.config/google-chrome', '.config/chromium', '.config/BraveSoftware', '.config/microsoft-edge', '.config/vivaldi',
  '.config/opera', '.config/Code/User/globalStorage', '.config/Signal', '.terraform.d/credentials.tfrc.json', '.vault-token', '.pgpass',
  '.my.cnf', '.bash_history', '.zsh_history', '.node_repl_history', '.python_history', '.config/sops', '.age', '.wine', '.electrum', '.bitcoin',
  '.ethereum', '.claude', '.claude.json', '.codex', '.gemini', '.cursor', '.config/sekisho', '.sekisho', '.local/share/sekisho', '.local/state/sekisho',
];

/** Inside a writable directory: files that another program runs or trusts later. Stay read-only unless they are granted by name. */
export const TRUSTED_LATER: readonly string[] = [
  '.git/hooks', '.git/config', '.git/config.worktree', '.git/info', '.git/modules', '.gitmodules', '.gitconfig', '.bashrc', '.bash_profile',
  '.bash_login', '.bash_logout', '.profile', '.zshrc', '.zshenv', '.zprofile', '.zlogin', '.zlogout', '.config/fish', '.config/autostart', '.config/systemd',
  '.mcp.json', '.vscode', '.idea', '.cursor', '.claude', '.gemini', '.codex', '.envrc', '.husky', '.npmrc', '.yarnrc.yml', '.ssh',
];

/** Of these the missing ones are kept missing, where the directory above them exists: git runs them without a question. */
export const NEVER_CREATED: readonly string[] = ['.git/hooks', '.git/config'];

/** In the package of the command itself: not part of the program. */
export const NOT_PART_OF_A_PACKAGE = /^(\.env(\..+)?|\.git|\.npmrc|\.ssh|\.aws)$/;

/** Kernel interfaces and run-time sockets: never granted, nor anything below them. */
export const FORBIDDEN_TREES: readonly string[] = ['/proc', '/sys', '/dev', '/run', '/var/run'];

/** What the whole system runs from: never writable. */
export const SYSTEM_TREES: readonly string[] = ['/usr', '/etc', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/boot'];

/** Mount points of the box itself; a grant at or above one of them would take its place. */
export const OWN_MOUNT_POINTS: readonly string[] = ['/tmp', '/home/sandbox', '/etc', '/proc', '/dev'];
