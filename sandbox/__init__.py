"""The sandbox: a payment provider of its own that takes play money, for demonstrations and tests.

It is another company's computer: a process with a port, which knows nothing of the shop and is spoken to over HTTP.
`make run` starts it; by hand it is `SANDBOX_KEY=... SANDBOX_SECRET=... python -m sandbox --port 8100`. It takes
payments by card and by Pix, has a page where a person pays, declines, pays late, twice or not at all, gives money back,
and tells what happened by signed events, again and again until it is heard.
"""
