"""The sheet of a day at the desk: to look at, to print, as a table, and to close the day with."""
