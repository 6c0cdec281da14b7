"""The people's doors of the API: signing in and out, one's own profile, one's addresses."""
