"""The shop window in the owner's hand: colours, pictures, texts and what stands first, seen before it is saved."""
