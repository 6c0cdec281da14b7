"""Settings: `base` for all, one module for each place the shop runs in."""
