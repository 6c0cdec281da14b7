"""The shelf: goods received line after line."""
