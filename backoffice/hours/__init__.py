"""Weeks: when each professional works and when the shop is open, a row for each day, saved at once."""
