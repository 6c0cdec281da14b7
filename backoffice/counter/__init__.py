"""The counter's page: the sale to whoever stands there, and the small doors it speaks to.

Every write is one service call of the app `counter`; a refusal comes back as a problem with its code, title and detail.
The page keeps what is being put together in its own tab, and sells it by a key that it made beforehand.
"""
