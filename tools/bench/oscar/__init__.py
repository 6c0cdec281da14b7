"""A plain shop of django-oscar to stand beside ours. Its packages live in an environment of their own."""
