"""Today's messages: who should be written to, one click each, and the shop's words for them."""
