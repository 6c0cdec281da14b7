"""The pages on which a customer sees a visit and does what the API lets them do."""
