"""The page people meet at the shop's bare address."""
