"""The agenda of the desk: a page with a column per professional, and the small doors it speaks to.

Every write is one service call; a refusal comes back as a problem with its code, title and detail. The
page shows the wall clock of the shop wherever the browser is, so times travel without an offset and are read as the
shop's.
"""
