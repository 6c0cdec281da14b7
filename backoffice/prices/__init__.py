"""Many prices at once: chosen, looked at, changed, put back."""
