"""The race drill: many clients at once, faults on, every operation written down, and a judge who reads what is written.

`history` and `state` are what the judge (`judging`, pure) reads; `people`, `faults` and `worker` make the trouble;
`running` holds a drill in a database that was made for it.
"""
