#!/bin/sh
# 离线安装：不联网，核对校验和，装进独立的 Python 环境。 | Install without a network, checksums first, into its own environment.
#   sh install.sh [TARGET]     default TARGET: /opt/linkage
# TARGET/VERSION holds one version, TARGET/current points to the newest one; to go back, point it to the older one.
set -eu
umask 022

fail() {
    printf '错误：%s\nerror: %s\n' "$1" "$2" >&2
    exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
base=${1:-/opt/linkage}
cd "$here"

[ "$(uname -s)" = Linux ] || fail "只能装在 Linux 上（Windows 请用 WSL2）" "Linux only (on Windows use WSL2)"
sha256sum --check --strict --quiet SHA256SUMS || fail "文件损坏或被改动，不安装" "a file is damaged or was changed; nothing is installed"
printf '校验和无误 checksums agree; SHA-256 of SHA256SUMS: '
sha256sum SHA256SUMS | cut -d ' ' -f 1

python=${PYTHON:-}
for name in python3.14 python3.13 python3.12 python3.11 python3; do
    [ -z "$python" ] || break
    if "$name" -c 'import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 &&
        ls wheels | grep -q -- "-$("$name" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')-"; then
        python=$name
    fi
done
[ -n "$python" ] || fail "需要与本安装包相符的 Python（见 wheels 里的 cp3xx），并带 venv" \
    "a Python that fits this folder (cp3xx in wheels) with venv is needed"

target=$base/$(cat VERSION)
[ ! -e "$target" ] || fail "$target 已存在；要重装请先移走" "$target exists; move it away to install again"
mkdir -p "$base"
trap 'rm -rf "$target"' EXIT
"$python" -m venv "$target"
"$target/bin/python" -m pip --isolated --disable-pip-version-check install --quiet --no-index --no-cache-dir \
    --find-links wheels --only-binary :all: --require-hashes -r requirements.txt
"$target/bin/python" -m pip --disable-pip-version-check check --quiet
"$target/bin/linkage" --help >/dev/null
trap - EXIT
ln -sfn "$(cat VERSION)" "$base/current"
printf '已安装 installed: %s\n' "$base/current/bin"
printf '  %s/current/bin/linkage demo --generate --population 3000 --models SX-1\n' "$base"
