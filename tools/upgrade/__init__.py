"""An upgrade under traffic: the release before, its data, its buyers, and this checkout taking over and going back.

    python -m tools.upgrade [REVISION]

REVISION is what is upgraded from, by itself the newest version that is tagged before this commit. That release is
taken from the repository's history, installed beside this one from its own lock, and serves buyers on servers of the
run's own. Then, without a pause of the buyers, what `docs/releases.md` tells an operator to do is done: migrate while
the old one serves, let the new one serve beside it, end the old one, exchange the worker; and back again, over the
tables as they are now. Nothing that a buyer asks may fail, every order that was acknowledged must be there, and
`check_integrity` must find nothing. It takes some minutes, most of them to install.
"""
