"""A shop on several machines: network namespaces with an address each, a bridge between them, real processes in them.

    python -m tools.machines [--buyers N] [--seconds S] [--round-trip MS] [STEP...]

The shop grows as docs/scale.md says: one machine; two web machines behind nginx; a pooler; a standby that is read, for
which commits wait; two Redis and three sentinels. Then a web machine, the database machine and a Redis machine are cut
off, one after the other: the cable is pulled, nobody is told, and the database's standby is promoted as
docs/operations/failover.md says. Meanwhile buyers come from addresses of their own, by https through
`deploy/nginx/balcao.conf`, to `config.settings.production`, and every order and visit they were told of must be there
once. It prints the table of docs/scale.md, and ends with 1 where anything is wrong.

Needs root, Debian's iproute2, nginx and pgbouncer, and 10.213.0.0/24 for itself. Everything it makes is gone when it
ends; `--clean` takes away what a run left that was killed.
"""
