"""The pages on which a customer sees an order and does what the API lets them do."""
