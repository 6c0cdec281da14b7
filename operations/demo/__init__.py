"""The demonstration shop: people, goods and pictures for a first look. Never loaded where real customers buy."""
