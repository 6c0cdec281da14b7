"""Failovers under load: the primary is killed, its standby promoted, the old one made the standby, again and again.

    python -m tools.failover [--times 50] [--buyers 8] [--asynchronous [--behind SECONDS]]

A primary and a standby with real processes beside them: web, workers, beat, and buyers who order over HTTP, each order
under a key of its own, and repeat what was refused under the same key. Nobody is told who the primary is:
`DATABASE_URL` names both servers. Afterwards the shop is judged: every order that was acknowledged is there once, with
what was bought, and nothing else; every key gives the answer it gave; what was to be done after an order was done;
workers and beat work; `check_integrity` finds nothing. With `--asynchronous` nobody waits for the standby,
and what that costs is counted. It prints the table of docs/performance.md.
"""
