"""A database engine: Django's for PostgreSQL, with a pool whose connections cost no question when they are taken."""
