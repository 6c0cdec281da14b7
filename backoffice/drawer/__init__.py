"""The drawer at the desk: open it, put cash in or take it out, count it blind and close it."""
