"""The outside world as the people's app sees it."""
