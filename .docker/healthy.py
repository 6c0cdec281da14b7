"""The container's health check: is the web process alive? (Whether it is *ready* is the load balancer's question.)"""

import sys
import urllib.request

try:
    # Production turns plain HTTP away unless the proxy in front says that the visitor came over TLS.
    request = urllib.request.Request("http://127.0.0.1:8000/health/live/", headers={"X-Forwarded-Proto": "https"})
    with urllib.request.urlopen(request, timeout=4) as answer:
        sys.exit(0 if answer.status == 200 else 1)
except OSError as failure:
    sys.exit(f"not healthy: {failure}")
