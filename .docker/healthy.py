"""The container's health check: is the web process alive? (Whether it is *ready* is the load balancer's question.)"""

import os
import sys
import urllib.request

# Only a name from ALLOWED_HOSTS is let in.
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".").replace("*", "localhost")
try:
    request = urllib.request.Request("http://127.0.0.1:8000/health/live/", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - a fixed address
        sys.exit(0 if answer.status == 200 else 1)
except OSError as failure:
    sys.exit(f"not healthy: {failure}")
