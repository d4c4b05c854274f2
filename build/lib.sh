# shellcheck shell=bash
# What build, run, test and measure share: finding the tools, installing what is missing, building what changed.
# Sourced, never run. The caller has `set -euo pipefail`.
shopt -s inherit_errexit 2>/dev/null || true # bash 3.2, which macOS has, doesn't know it

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$root/build/bin
stamps=$root/build/.cache
readonly root bin stamps

go_needed=1.26
node_needed=20.19

# What the window is compiled from and shows itself with, and what tests need on top.
run_packages=(gcc libc6-dev pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev)
# shellcheck disable=SC2034 # build/test's
test_packages=(xvfb xdotool imagemagick dbus gnome-keyring libsecret-tools curl python3-flask python3-requests shellcheck)

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$@"
  exit 1
}

# older A B: whether version A is lower than B.
older() { [[ $1 != "$2" && $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }

need_go() {
  if ! command -v go >/dev/null && [[ -x /usr/local/go/bin/go ]]; then
    PATH=/usr/local/go/bin:$PATH
  fi
  command -v go >/dev/null || die "Go $go_needed or newer is needed, and there is none on the PATH. Get it from https://go.dev/dl"
  local have
  # Asked inside the module: a somewhat older Go fetches the newer one by itself where that is allowed.
  have=$(cd "$root" && go env GOVERSION 2>/dev/null) || have=$(GOTOOLCHAIN=local go env GOVERSION)
  have=${have#go}
  if older "${have%%[- ]*}" "$go_needed"; then
    die "Go $go_needed or newer is needed, and $(command -v go) is $have. Get it from https://go.dev/dl"
  fi
}

need_node() {
  local have
  command -v node >/dev/null || die "Node $node_needed or newer is needed, and there is none on the PATH. Get it from https://nodejs.org"
  have=$(node --version)
  have=${have#v}
  # The bundler runs on 20.19 and up, and on 22.12 and up; not on what lies between.
  if older "$have" "$node_needed" || { ! older "$have" 21 && older "$have" 22.12; }; then
    die "Node 20.19 or newer (of the 22s, 22.12) is needed, and $(command -v node) is $have. Get it from https://nodejs.org"
  fi
  command -v npm >/dev/null || die "npm is needed beside Node, and there is none on the PATH. Get both from https://nodejs.org"
}

installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# need_packages WHY PACKAGE...: installs those of the Debian packages that are missing.
need_packages() {
  local why=$1 package missing=()
  shift
  command -v dpkg-query >/dev/null || return 0 # another system: its own tools say what they miss
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "Installing ${missing[*]} with apt, $why."
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "That takes root and there is no sudo. Run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  apt_get "${as_root[@]}" update
  apt_get "${as_root[@]}" install -y --no-install-recommends "${missing[@]}"
}

# apt_get [sudo] ARGUMENT...: quiet while it goes well, everything it said when it doesn't.
apt_get() {
  local as_root=() log
  if [[ $1 == sudo ]]; then
    as_root=(sudo)
    shift
  fi
  log=$(mktemp)
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    rm -f "$log"
    die "apt-get $* failed; what it said is above."
  fi
  rm -f "$log"
}

# The tags and the packages that the window needs on this system.
need_window() {
  case $(uname -s) in
    Linux)
      window_tags=desktop,production,webkit2_41
      need_packages "to build and show the window" "${run_packages[@]}"
      if ! pkg-config --exists gtk+-3.0 webkit2gtk-4.1 2>/dev/null; then
        die "GTK 3 and WebKitGTK 4.1 are needed with their headers: on Fedora, dnf install gcc gtk3-devel webkit2gtk4.1-devel; on Arch, pacman -S base-devel webkit2gtk-4.1"
      fi
      ;;
    Darwin)
      window_tags=desktop,production
      xcode-select -p >/dev/null 2>&1 || die "Apple's command line tools are needed. Run: xcode-select --install"
      ;;
    *)
      die "On Windows build without this script, in PowerShell: cd frontend; npm ci; npm run build; cd ..; go build -tags desktop,production -ldflags '-H windowsgui' -o build/bin/tickertape.exe ."
      ;;
  esac
}

# contents: one hash of the files named on stdin, NUL between them: of their names and what is in them.
contents() { sort -z | xargs -0 "${sha[@]}" | "${sha[@]}" | cut -c 1-64; }
sha=(sha256sum)
command -v sha256sum >/dev/null || sha=(shasum -a 256)

# fresh STAMP HASH: whether the stamp holds that hash, that is, nothing changed since `stamp` wrote it.
fresh() { [[ -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]; }
stamp() {
  mkdir -p "$stamps"
  printf '%s\n' "$2" >"$stamps/$1"
}

# npm_packages: the front end's packages, as its lock file says.
npm_packages() {
  local now
  now=$(cd "$root/frontend" && printf '%s\0' package.json package-lock.json | contents)-$(node --version)
  if [[ -d $root/frontend/node_modules ]] && fresh npm "$now"; then
    return 0
  fi
  say "Installing the front end's npm packages."
  (cd "$root/frontend" && npm ci --no-audit --no-fund --loglevel=error >&2)
  stamp npm "$now"
}

# frontend: builds the front end that both programs embed, when its sources changed.
frontend() {
  local now
  npm_packages
  now=$(
    cd "$root/frontend" &&
      find . \( -path ./node_modules -o -path ./dist -o -path ./e2e -o -path ./coverage \) -prune -o -type f ! -name '*.test.ts' ! -name '*.go' -print0 | contents
  )
  if [[ -f $root/frontend/dist/index.html ]] && fresh frontend "$now"; then
    return 0
  fi
  say "Building the front end."
  (cd "$root/frontend" && npm run --silent build >&2)
  stamp frontend "$now"
}

version() {
  local v commit
  v=$(sed -n 's/.*"productVersion": *"\([^"]*\)".*/\1/p' "$root/wails.json")
  if commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null); then
    v=$v+$commit
  fi
  printf '%s' "$v"
}

# window_program NAME [TAG...]: build/bin/NAME, the program with the window.
window_program() {
  local name=$1 tags=$window_tags
  shift
  if (($#)); then
    tags=$tags,$(IFS=, && printf '%s' "$*")
  fi
  (cd "$root" && go build -tags "$tags" -ldflags "-s -w -X tickertape/backend/cli.Version=$(version)" -o "$bin/$name" .)
}

# cli_program: build/bin/tickertape-cli, the same without the window: static, no cgo.
cli_program() {
  (cd "$root" && CGO_ENABLED=0 go build -ldflags "-s -w -X tickertape/backend/cli.Version=$(version)" -o "$bin/tickertape-cli" ./backend/cmd/tickertape)
}
