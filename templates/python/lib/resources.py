"""What the scripts do: each is a call of the function of its name, with its arguments."""

import os
import sys
from pathlib import Path

RESOURCES = Path(os.environ["ADDON_DATA"]) / "resources"

os.umask(0o077)


def enable():
    """Sets up what all apps share. May be run again."""
    RESOURCES.mkdir(exist_ok=True)


def disable():
    """Undoes enable; refuses while a resource is there. May be run again."""
    if not RESOURCES.exists():
        return
    for half in RESOURCES.glob(".new-*"):
        half.unlink()
    try:
        RESOURCES.rmdir()
    except OSError:
        fail(f"Resources are left in {RESOURCES}.")


def provision(app):
    """Allocates a resource and prints one line, id;private."""
    identity = f"{app}-{os.environ['ADDONS_OP_ID']}"
    # Printed before anything exists: whoever finds this run dead knows what to unprovision.
    print(f"{identity};", flush=True)
    file, building = RESOURCES / identity, RESOURCES / f".new-{identity}"
    if file.exists():
        return
    with building.open("w") as text:
        print(os.environ["ADDON_CONFIG_GREETING"], file=text, flush=True)
        os.fsync(text.fileno())
    building.rename(file)
    sync(RESOURCES)


def unprovision(identity):
    """Destroys the resource; succeeds when it is gone already."""
    check(identity)
    for name in (identity, f".new-{identity}"):
        (RESOURCES / name).unlink(missing_ok=True)
    sync(RESOURCES)


def url(identity, _private):
    """Prints one line, where the resource is. Fails when it is gone."""
    check(identity)
    file = RESOURCES / identity
    if not file.exists():
        fail(f"There is no resource {identity}.")
    print(file.as_uri())


def list():
    """The ids that exist, one a line."""
    for file in RESOURCES.iterdir():
        if not file.name.startswith("."):
            print(file.name)


def check(identity):
    if identity == "" or identity.startswith(".") or "/" in identity:
        fail(f"{identity!r} is not an id.")


def sync(directory):
    descriptor = os.open(directory, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def fail(why):
    print(why, file=sys.stderr)
    sys.exit(1)
