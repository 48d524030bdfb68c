"""`notify.py WORD…`: posts what a trigger was told as one JSON object. An address that does not answer is a failure, which
addons reports; what was done stays as it is."""

import json
import os
import sys
import urllib.request

url = os.environ.get("PLUGIN_CONFIG_URL", "")
if not url:
    sys.exit("No url is set in plugin.toml.")
event = {
    "platform": os.environ["ADDONS_PLATFORM"],
    "trigger": os.environ["ADDONS_TRIGGER"],
    "words": sys.argv[1:],
    "outcome": os.environ["ADDONS_OUTCOME"],
    "error": os.environ["ADDONS_ERROR"] or None,
    "changed": os.environ["ADDONS_CHANGED"].split(),
    "operation": os.environ["ADDONS_OP_ID"] or None,
}
request = urllib.request.Request(url, json.dumps(event).encode(), {"Content-Type": "application/json"})
try:
    urllib.request.urlopen(request, timeout=10).read()
except OSError as error:
    sys.exit(f"The server did not take it: {error}")
