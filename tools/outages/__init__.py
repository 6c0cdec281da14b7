"""Each part of a shop is taken away under twenty buyers, and brought back: what they saw, and what was lost.

    python -m tools.outages [--away SECONDS] [PART...]

The shop is whole and real: nginx with `deploy/nginx/balcao.conf`, two web units, both workers, beat, PgBouncer in
transaction mode, PostgreSQL with a standby for which commits wait, Valkey, a mail server and the sandbox that takes
money, all on servers of the run's own. Twenty buyers with an internet address each look, fill carts, order, pay by Pix
and book over https, as well-behaved programs do: one key for one wish, however often it has to be asked, and pauses as
long as the shop says.

A part ends by SIGKILL with everything it started (or hangs: SIGSTOP), stays away and comes back. Then every order,
visit and payment that was acknowledged must be there once, every letter that is owed must have left, none may
have come twice but those that were under way, and `check_integrity` must find nothing. It ends with 1 where anything is
wrong. Needs Debian's nginx and PgBouncer; where it runs as root it fills a real disk, too.
"""
