"""Ways for money to come and go, one file each, behind one Protocol; `registry` knows which of them are configured."""
