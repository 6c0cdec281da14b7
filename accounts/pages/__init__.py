"""Pages about one's own account, at the desk and on /conta/."""
