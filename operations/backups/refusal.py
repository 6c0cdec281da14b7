"""What a copy that cannot be made, read or restored says."""


class BackupRefused(Exception):  # noqa: N818 - like a refusal: it says no, and why
    """No copy, or no restoring; the text says why and what to do."""
