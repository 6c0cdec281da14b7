"""Mutation testing of the rooms where a wrong rule costs most: is every line of them judged by a test?

    python -m tools.mutants [ROOM ...] [--seed 7] [--draw 200] [--write]

One fault at a time is put into the code, and the tests of its room must notice. The faults are those of mutmut
(`mutmut.mutation.mutators`) and a few more, for what services are made of: conditions, guards, calls made for their
effect, decorators. mutmut itself would start pytest, PostgreSQL and Redis again for each fault; here one pytest session
starts them once, runs each test once to learn what it reaches and how long it takes, and then forks for each fault.
"""
