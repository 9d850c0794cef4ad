#!/bin/sh
# Installs a packed Synesthete in a folder, for all users, and leaves nothing else behind: install.sh TARBALL FOLDER
set -eu
tarball=$(realpath "$1")
mkdir -p "$2"
cd "$2"
[ -e package.json ] || printf '{"private":true}\n' > package.json
# CUDA's libraries are not needed, nor is the network at nuget.org where they are.
ONNXRUNTIME_NODE_INSTALL=skip npm install --omit=dev --no-audit --no-fund --prefer-offline "$tarball"
