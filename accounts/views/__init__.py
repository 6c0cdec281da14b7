"""API views of accounts: signing in and out, one's own profile, one's addresses."""
