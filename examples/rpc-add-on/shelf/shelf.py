"""The whole add-on: `shelf.py SCRIPT ARGUMENT…`. As `serve` it answers url and health for a whole release."""

import json
import os
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

SHELVES = Path(os.environ["ADDON_DATA"]) / "shelves"


def shelf_of(name):
    # The id comes back as it was printed, but a person may type it: never let it lead elsewhere.
    if name == "" or name.startswith(".") or "/" in name:
        raise ValueError(f'"{name}" is not an id of this add-on.')
    return SHELVES / name


def enable():
    SHELVES.mkdir(mode=0o700, parents=True, exist_ok=True)


def disable():
    # All shelves have been unprovisioned before; rmdir fails loudly should that not be so.
    if SHELVES.exists():
        SHELVES.rmdir()


def provision(app):
    name = f"{app}-{os.environ['ADDONS_OP_ID']}"
    # The id comes first: killed from here on, the tool knows what to unprovision.
    print(f"{name};", flush=True)
    shelf_of(name).mkdir(mode=0o700, exist_ok=True)
    sync(SHELVES)


def unprovision(name):
    shutil.rmtree(shelf_of(name), ignore_errors=True)
    if SHELVES.exists():
        sync(SHELVES)


def url(name, secret=""):
    # It fails when the shelf is gone: making an empty one here would hide that.
    path = shelf_of(name)
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is missing.")
    return f"file://{quote(str(path))}"


def health():
    if not SHELVES.is_dir():
        raise FileNotFoundError(f"{SHELVES} is missing.")


def sync(directory):
    handle = os.open(directory, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def serve():
    """Answers calls, one JSON object a line, until stdin ends. stdout is for answers only."""
    for line in sys.stdin:
        call = json.loads(line)
        reply = {"jsonrpc": "2.0", "id": call["id"]}
        try:
            reply["result"] = answer(call["method"], call["params"])
        except Exception as error:
            reply["error"] = {"code": -32000, "message": str(error)}
        print(json.dumps(reply), flush=True)


def answer(method, params):
    if method == "handshake":
        return {"protocol": 1, "kind": "add-on", "name": params["name"], "methods": ["url", "health"]}
    if method == "url":
        return url(params["id"], params["private"])
    if method == "health":
        return health()
    raise ValueError(f"no {method} here")


def main(script, *arguments):
    os.umask(0o077)
    try:
        result = globals()[script](*arguments)
        if result is not None:
            print(result)
    except Exception as error:
        sys.exit(str(error))


main(*sys.argv[1:])
