#!/bin/sh
# Shows a display in full screen: waits for the show, then starts Chromium, and starts it again should it end.
#   kiosk.sh http://show.local:8090 [group]
set -eu
server=${1:-http://127.0.0.1:8090}
group=${2:-main}

until curl -fsS --max-time 2 -o /dev/null "$server/healthz"; do
  sleep 2
done

browser=$(command -v chromium || command -v chromium-browser)
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
trap 'exit 0' TERM INT

# A display needs no profile of before: without one it never asks whether pages are to be restored.
while :; do
  "$browser" --kiosk --noerrdialogs --disable-infobars --no-first-run --user-data-dir="$profile" \
    --autoplay-policy=no-user-gesture-required "$server/display?name=$(hostname)&group=$group" || true
  [ "${KIOSK_ONCE:-}" = 1 ] && break
  sleep 2
done
