#!/bin/sh
# Install from an offline folder and run the demo where there is no interface but loopback, no cache and no settings.
#   sh tests/offline/rehearse.sh FOLDER          (make test-offline makes the folder first)
set -eu
folder=$(CDPATH='' cd -- "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

unshare --net --map-root-user env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 HOME="$scratch" \
    sh -eu -c '
ip link set lo up
[ "$(ip -o link | wc -l)" = 1 ] || { echo "there is more than loopback"; exit 1; }
python3 -c "import socket; socket.create_connection((\"192.0.2.1\", 443), 3)" 2>/dev/null && { echo "there is a network"; exit 1; }
cd "$HOME"
began=$(date +%s)
sh "$1/install.sh" "$HOME/linkage"
installed=$(date +%s)
bin=$HOME/linkage/current/bin
"$bin/linkage" demo --generate --population 3000 --models SX-1
ended=$(date +%s)
"$bin/python" -c "
import importlib.metadata as m, rapidocr, pathlib
models = [p for p in pathlib.Path(rapidocr.__file__).parent.rglob(\"*.onnx\")]
assert models, \"no recognition models\"
print(len(list(m.distributions())), \"packages,\", len(models), \"recognition models\")
from rapidocr import RapidOCR
import numpy
RapidOCR()(numpy.full((64, 256, 3), 255, numpy.uint8))
"
printf "offline: installed in %d s, demo in %d s, %s on disk\n" \
    "$((installed - began))" "$((ended - installed))" "$(du -sh "$HOME/linkage" | cut -f 1)"
' rehearsal "$folder"
